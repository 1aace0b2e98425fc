/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which files QEMU opens for a PCI device of the host, from /sys/bus/pci/devices (Documentation/PCI/
 * sysfs-pci.rst and ABI/testing/sysfs-bus-pci of Linux).
 *
 * There is nothing here about VFIO: its classic form has fixed rules, and of an IOMMUFD device the
 * helper of libvirt never looks for /dev/iommu and /dev/vfio/devices/vfioN itself. libvirtd opens them
 * and names them with --add-file or --append-file, which grants them rwm in place of rwk.
 */

#include "host/host.h"

/* As parsed: bus at most 0xff, slot 0x1f, function 7. */
typedef struct {
    guint domain;
    guint bus;
    guint slot;
    guint function;
} PciAddress;

/**
 * host_pci_files:
 *
 * Returns: (transfer full): config, device, rom, reset, vendor and all resource* that the device has,
 *   as absolute paths below /sys/bus/pci/devices, a NULL-terminated vector sorted by bytes (libvirt's
 *   has the order of the directory, which is no order). The device's own part of the path is a symbolic
 *   link; a rule needs what it resolves to. Or NULL with
 *   BASE_ERROR_NOT_FOUND: there is no such device (no config file, or no vendor or device file);
 *   BASE_ERROR_FAILED: its IDs are not readable, or not 0x and four hexadecimal digits.
 *   In all of them libvirt's helper says nothing, leaves these files out, and goes on with status 0; the
 *   rules for /dev/vfio are there all the same. It does so too when a rule for one of the files is
 *   refused. Of an ID it looks at the "0x" only.
 */
char **host_pci_files(Host *host, const PciAddress *address, GError **error);
