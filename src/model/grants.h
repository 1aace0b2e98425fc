/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How the model's parts add grants. Private to the room. */

#include "model/model.h"

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
