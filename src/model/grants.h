/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How the model's parts add grants. Private to the room. */

#include "model/model.h"

/* Where a grant comes from. */
typedef struct {
    const char *element; /* "disk 'vda'" */
    guint line;
} Origin;

typedef struct {
    const Domain *domain;
    Host *host;
    const Settings *settings;
    Model *model;
    guint warned_line; /* of the element that was said last to name what does not exist */
} Builder;

typedef enum {
    ADD_PLAIN = 0,
    ADD_QUIET = 1 << 0, /* also a deny rule for writing, if the permissions are only for reading */
    ADD_TREE = 1 << 1,  /* all below @path, and reading the directory itself */
} AddFlags;

/**
 * grant_path:
 * @path: as the XML has it; NULL is an error, and one that is not absolute gets a warning and no rule
 *
 * Resolves @path, refuses it where it is restricted, and appends the grant to @to.
 */
gboolean grant_path(Builder *builder, GPtrArray *to, Origin origin, const char *path, Perms perms,
                    AddFlags flags, GError **error);

/** grant_pattern: appends BEFORE "LITERAL" AFTER as it is, unresolved. */
void grant_pattern(GPtrArray *to, const char *before, const char *literal, const char *after,
                   Perms perms);

/** grant_deny_write: appends a deny rule for writing to a fixed pattern. */
void grant_deny_write(GPtrArray *to, const char *pattern);

/** grant_unix_peer: appends a rule for sockets between the rule's profile and @label. */
void grant_unix_peer(GPtrArray *to, const char *label);

/** grant_capability: appends a rule for a capability, as AppArmor calls it: "sys_admin". */
void grant_capability(GPtrArray *to, const char *name);

/** grant_note: appends a comment. */
void grant_note(GPtrArray *to, const char *text);

/** grant_add_file: the argument of --add-file and --append-file (see model_build()). */
gboolean grant_add_file(Builder *builder, const char *path, GError **error);

/** model_warn: takes @message; puts the element and its line before it. */
void model_warn(Builder *builder, Origin origin, char *message);

/* The stages of the model, in libvirt's order. */
typedef gboolean (*ModelStage)(Builder *builder, GError **error);

gboolean model_add_disks(Builder *builder, GError **error);
gboolean model_add_chardevs(Builder *builder, GError **error);
gboolean model_add_boot(Builder *builder, GError **error);
gboolean model_add_graphics(Builder *builder, GError **error);
gboolean model_add_hostdevs(Builder *builder, GError **error);
gboolean model_add_devices(Builder *builder, GError **error);
gboolean model_add_fixed(Builder *builder, GError **error);
gboolean model_add_shares(Builder *builder, GError **error);
