/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which device nodes a SCSI device of the host has, from /sys/bus/scsi/devices (the kernel's
 * Documentation/scsi/scsi_mid_low_api.rst: a device is HOST:CHANNEL:TARGET:LUN). Each of its drivers has
 * a directory there, named after the driver's class, with one entry named after the device node.
 */

#include "host/host.h"

typedef struct {
    guint host;
    guint bus; /* the kernel's channel */
    guint target;
    guint64 unit;
} ScsiAddress;

/**
 * host_scsi_node:
 * @class: "scsi_generic" for /dev/sgN, "block" for /dev/sdX
 *
 * Returns: (transfer full): the node's path, or NULL with
 *   BASE_ERROR_NOT_FOUND: there is no such device, or no driver of that class has it;
 *   BASE_ERROR_FAILED, BASE_ERROR_DENIED: it cannot be listed.
 */
char *host_scsi_node(Host *host, const ScsiAddress *address, const char *class, GError **error);

/**
 * host_scsi_adapter:
 * @name: "scsi_host3"
 * @number: (out): 3
 * Whether @name is that of a host adapter (virSCSIDeviceGetAdapterId()).
 */
gboolean host_scsi_adapter(const char *name, guint *number);
