/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An administrator's own rules for one VM, and its mode, as policy/own.h keeps them: for the verbs that show and
 * change them.
 */

#include "ctl/ctl.h"
#include "helper/reload.h"

/** own_rules_exist: whether the VM has own rules, for QEMU or for virtiofsd, or may have: nobody may look. */
gboolean own_rules_exist(const Ctl *ctl, const char *uuid);

/** own_rules_complain: whether the one profile of the VM or the other is kept in complain mode. */
gboolean own_rules_complain(const Ctl *ctl, const char *uuid, gboolean virtiofsd);

/* One profile of a VM. */
typedef struct {
    char *domain; /* its name; its UUID where libvirt does not answer */
    char *uuid;
    char *qemu;    /* QEMU's profile */
    char *profile; /* the one that is meant, that or virtiofsd's */
    gboolean virtiofsd;
} OwnTarget;

void own_target_clear(OwnTarget *target);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OwnTarget, own_target_clear)

/**
 * own_target_find:
 * @domain: as domains_find() takes it; a UUID does without libvirt where that does not answer
 */
gboolean own_target_find(Ctl *ctl, const char *domain, gboolean virtiofsd, OwnTarget *target,
                         GError **error);

/** own_target_virtiofsd: @target becomes that of the virtiofsd of the VM of @qemu. */
void own_target_virtiofsd(const OwnTarget *qemu, OwnTarget *target);

/** own_target_open: reload_open(), with more to say to who is not root. */
Reload *own_target_open(Ctl *ctl, const OwnTarget *target, gboolean dry_run, GError **error);

/** own_target_read: own_read() of the profile. */
gboolean own_target_read(const Ctl *ctl, const OwnTarget *target, Own *own, GError **error);

/**
 * own_change:
 * @reload: open
 * @before: what there is
 * @wanted: what is to be
 * Says what changes, compiles, puts it in force, unless @dry_run, and says from when it counts.
 */
gboolean own_change(Ctl *ctl, const OwnTarget *target, Reload *reload, const Own *before,
                    const Own *wanted, gboolean dry_run, GError **error);
