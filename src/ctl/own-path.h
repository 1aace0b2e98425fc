/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What "allow DOMAIN PATH" and "disallow DOMAIN PATH" mean: which rules, and what is to be said of them. */

#include "ctl/own-rules.h"

typedef struct {
    char *path;      /* resolved, without a slash at its end */
    char *typed;     /* as it was given, likewise */
    gboolean is_dir; /* it, and all that is below */
} OwnPath;

void own_path_clear(OwnPath *path);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OwnPath, own_path_clear)

/**
 * own_path_resolve:
 * @typed: absolute; a slash at its end: a directory, whether there is one or not
 * Says it where a symbolic link leads elsewhere, for AppArmor judges where that ends.
 */
gboolean own_path_resolve(Ctl *ctl, const char *typed, OwnPath *path, GError **error);

/**
 * own_path_rules:
 * Returns: (transfer full): the rules that allow @path, a line each
 */
char *own_path_rules(const OwnPath *path, gboolean virtiofsd, gboolean readonly, GError **error);

/** own_path_all_rules: Returns: (transfer full): all that own_path_rules() makes or made of @path, of
 * whatever kind it was, and wherever a link led */
char *own_path_all_rules(const OwnPath *path, GError **error);

/** own_path_warn: says what is dangerous, or not enough, about giving @path to a VM. */
void own_path_warn(Ctl *ctl, const OwnPath *path, gboolean readonly);

/** own_path_check_virtiofsd: fails where no rule alone gives virtiofsd what is asked. */
gboolean own_path_check_virtiofsd(const OwnPath *path, gboolean readonly, GError **error);
