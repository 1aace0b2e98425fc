/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the links of the chain are looked at with. Private to chain*.c. */

#include "ctl/chain.h"
#include "ctl/place.h"

typedef struct {
    const Ctl *ctl;
    const CtlConfig *config;
    GPtrArray *findings;
    Place *place;
    ChainAsk ask;         /* (nullable): libvirt, too */
    gboolean launcher_on; /* libvirtd sees the launcher's description, and there is a launcher */
    GHashTable *loaded;   /* (nullable): of loaded_read() */
    GError *not_loaded;   /* why there is no list */
} Chain;

/* What to look at of one profile. */
typedef struct {
    const char *link;
    const char *file;        /* its text */
    const char *name;        /* as it is loaded, or should be */
    const char *remedy;      /* where it is not loaded, or as another policy */
    FindingVerdict unloaded; /* what it means that it is not loaded, */
    FindingVerdict complain; /* and that it only complains */
} ChainProfile;

/** chain_check_profile: whether it is loaded, in which mode, and as it is on disk. */
void chain_check_profile(Chain *chain, const ChainProfile *profile);

/** chain_is_empty: whether @path is no file, or has nothing in it. */
gboolean chain_is_empty(const char *path);

/** chain_is_hidden: whether @problem is that an ordinary user may not read something. */
gboolean chain_is_hidden(const GError *problem);

/** chain_add_unread: says of @link that what @problem is about cannot be seen. */
void chain_add_unread(Chain *chain, const char *link, const GError *problem);

/**
 * chain_read:
 * @text: (out) (transfer full) (nullable): what is in @file; NULL: there is none
 * Returns: FALSE where that cannot be seen, or is no text, which is said of @link
 */
gboolean chain_read(Chain *chain, const char *link, const char *file, char **text);

/** chain_additions: of additions_of_helper() or additions_of_daemons(); NULL where it is said of @link why not. */
GPtrArray *chain_additions(Chain *chain, const char *link,
                           GPtrArray *(*list)(const CtlConfig *config, GError **error));

/* Each adds what it finds. */
void chain_helper(Chain *chain);       /* chain-helper.c */
void chain_profiles(Chain *chain);     /* chain-profiles.c */
void chain_descriptions(Chain *chain); /* chain-descriptions.c */
void chain_guard(Chain *chain);        /* chain-guard.c */
void chain_apparmor(Chain *chain);     /* chain-apparmor.c */
void chain_driver(Chain *chain);       /* chain-driver.c */

/* chain-guard.c: whether there is a guard at all, of whatever age. */
gboolean chain_has_guard(const CtlConfig *config);
