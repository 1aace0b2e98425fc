/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is going to be recorded of a VM, from which its rules follow. Private to plan.c. */

#include "helper/request.h"
#include "helper/vm-record.h"

/**
 * plan_record_new:
 * @before: (nullable): what is recorded of this run of the VM
 * @existing: (nullable): QEMU's rules as they are on disk, where they count: see plan_domain()
 * Returns: (transfer full): the record after this call
 */
VmRecord *plan_record_new(const Request *request, const VmRecord *before, const char *existing);

/**
 * plan_record_foreseen:
 * Adds what libvirtd is going to ask for at this start. While the VM runs it has asked, and what it has not asked
 * for it does not get.
 */
void plan_record_foreseen(VmRecord *record, const Request *request);
