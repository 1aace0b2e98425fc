/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What AppArmor has denied a VM and the programs around it: records of one kind taken together, and what
 * they mean.
 *
 * What a denial means is no more than an explanation. Paths and names in it come from whoever was denied,
 * so that none leads to a remedy by itself: nothing that a virtiofsd was refused outside its shares is
 * ever to be allowed by a command that is shown here.
 */

#include <json-glib/json-glib.h>

#include "ctl/avc-records.h"
#include "ctl/domains.h"
#include "ctl/whose.h"

/* Groups of one profile: a guest can have as many names refused as it likes. */
#define DENIALS_OF_A_PROFILE 200

typedef enum {
    DENIAL_NOW_UNKNOWN,
    DENIAL_NOW_ALLOWED, /* by what is in force now */
    DENIAL_NOW_DENIED,
} DenialNow;

typedef struct {
    char *profile;
    Role role;
    char *uuid;      /* (nullable): of the VM, where the profile says */
    char *domain;    /* (nullable): its name, where libvirt knows it */
    char *operation; /* these as of Avc */
    char *object;    /* (nullable): path, capability, address family, signal or peer */
    char *mask;      /* (nullable): what was denied of what was asked for */
    char *comm;      /* (nullable): of the first record */
    char *info;
    gboolean is_path; /* @object is a file's */
    gboolean complain;
    guint count;
    gint64 first, last; /* moment.h */
    char *share;        /* (nullable): the directory of the <filesystem> that the path lies in */
    char *share_target; /* (nullable): its tag */
    gboolean share_readonly;
    DenialNow now;
    gboolean suspicious; /* nothing explains it but a guest that tries to get out */
    char *text;          /* a sentence */
    char *remedy;        /* (nullable): a command, or what to change */
} Denial;

void denial_free(Denial *denial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Denial, denial_free)

typedef struct {
    GPtrArray *list; /* of Denial, by profile and the time of the last */
    guint left_out;  /* records that belong to no group, as their profile has too many */
} Denials;

void denials_free(Denials *denials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Denials, denials_free)

/**
 * denials_group:
 * @records: (element-type Avc)
 * @domains: (element-type CtlDomain): all of libvirt's; a UUID that is not among them is said to be undefined
 * Returns: (transfer full): explained, with what the kernel allows now
 */
Denials *denials_group(const CtlConfig *config, GPtrArray *records, GPtrArray *domains);

/**
 * denial_explain:
 * Sets text, remedy and suspicious, from all else.
 */
void denial_explain(Denial *denial);

/** denials_print, denials_to_json: what verbs say of them; the latter adds an array to @builder. */
void denials_print(Output *output, const Denials *denials);
void denials_to_json(JsonBuilder *builder, const Denials *denials);
