/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A VM's policy and records as they are, opened for one call and locked against others for the same VM. */

#include "helper/request.h"
#include "helper/vm-record.h"
#include "policy/files.h"
#include "policy/lock.h"

typedef struct {
    const Request *request;
    PolicyDir *dir;     /* of the policy; of a dry run NULL where it is not to be had */
    PolicyDir *sockets; /* records of sockets; NULL: there is no place for them */
    PolicyDir *vms;     /* records of VMs, likewise */
    GError *no_records; /* why not; matters only to VMs that share something */
    PolicyLock *lock;   /* NULL: of a dry run, or of a stop for which none was to be had */
    gboolean dirty;     /* an earlier call did not end: what is on disk may not be what is loaded */
    VmRecord *record;   /* what was recorded of the VM, or NULL */
    GPtrArray *
        leftovers; /* of VmRecord: what calls that did not end were about to record, or could not put back */
    gboolean lost;    /* something was, and it cannot be read */
    char *qemu_rules; /* QEMU's on disk, if they are ours and this call renders them, or NULL */
} Vm;

/**
 * vm_open:
 * @request: what is asked for; must outlive the VM
 * @error: BASE_ERROR_BUSY: another call for this VM does not end
 * --remove and --delete go on, and say so, where no lock can be made. A dry run waits for nobody, and needs no right to write.
 */
Vm *vm_open(const Request *request, GError **error);
void vm_close(Vm *vm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vm, vm_close)

/** vm_has_profile: whether QEMU's profile of the VM is on disk. */
gboolean vm_has_profile(const Vm *vm);

/** vm_has_served: whether there are rules of virtiofsd's on disk, so that it may share something. */
gboolean vm_has_served(const Vm *vm);

/**
 * vm_read_rules:
 * @rules: (out) (transfer full) (nullable): the text of the rules file @file; NULL without error where
 *   there is none, or one that is damaged
 */
gboolean vm_read_rules(const Vm *vm, const char *file, char **rules, GError **error);
