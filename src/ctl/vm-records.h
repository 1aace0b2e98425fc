/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* All that virt-aa-helper has recorded of running VMs and of the sockets of their virtiofsds, read in one pass. */

#include "helper/vm-record.h"

typedef struct _VmRecords VmRecords;

/**
 * vm_records_read:
 * @dir: (nullable): RECORDS; NULL: this build keeps none
 * Never fails: see vm_records_error(). A directory that is not there has none.
 */
VmRecords *vm_records_read(const char *dir);
void vm_records_free(VmRecords *records);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VmRecords, vm_records_free)

/** vm_records_error: Returns: (transfer none) (nullable): why records could not be read, and nothing is known */
const GError *vm_records_error(const VmRecords *records);

/** vm_records_of: Returns: (transfer none) (nullable): the record of the VM of @profile, "libvirt-UUID" */
const VmRecord *vm_records_of(const VmRecords *records, const char *profile);

/** vm_records_has_socket: whether there is a record for the launcher, of the device @alias of that VM. */
gboolean vm_records_has_socket(const VmRecords *records, const char *profile, const char *alias);
