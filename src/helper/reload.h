/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Other rules of the administrator's own, or another mode, for one profile of a VM, without XML: for
 * virt-aa-ctl. The VM is locked as for a call of the helper, its policy is compiled and changes in the same
 * transaction, and what cannot be loaded is taken back.
 */

#include "helper/helper.h"
#include "policy/own.h"

typedef struct _Reload Reload;

/**
 * reload_open:
 * @profile: QEMU's, "libvirt-UUID"
 * @virtiofsd: whether it is about virtiofsd's
 * @dry_run: nothing is going to be applied, and nobody is waited for
 * @error: BASE_ERROR_BUSY: a call of the helper for this VM does not end
 */
Reload *reload_open(const HelperConfig *config, const char *profile, gboolean virtiofsd,
                    gboolean dry_run, GError **error);
void reload_free(Reload *reload);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reload, reload_free)

/**
 * reload_check:
 * @wanted: rules, NULL: none, and mode
 * Compiles the whole profile with @wanted, or, of a VM that never ran, one made from the template.
 */
gboolean reload_check(Reload *reload, const Own *wanted, GError **error);

typedef enum {
    RELOAD_IN_FORCE, /* loaded, for whoever runs under the profile */
    RELOAD_LATER,    /* the profile is not loaded: from the next start on */
} ReloadOutcome;

/**
 * reload_apply:
 * @outcome: (out)
 * Puts @wanted on disk and, if the profile is loaded, in force. On failure files and kernel are as they were.
 */
gboolean reload_apply(Reload *reload, const Own *wanted, ReloadOutcome *outcome, GError **error);
