/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which device node is the USB device that <hostdev type='usb'> speaks of.
 *
 * The answer comes from /sys/bus/usb/devices (Documentation/ABI/testing/sysfs-bus-usb of Linux). A
 * device's directory is usbN for the root hub of bus N and N-PORT for the others; what has a colon is
 * an interface. idVendor and idProduct are hexadecimal without 0x, devnum is decimal, devpath is the
 * port as <address port=…/> spells it.
 */

#include "host/host.h"

/* What the XML says; 0 and NULL stand for what it does not say. Only libvirt's parser's combinations
 * make sense: vendor and product, bus and device, bus and port, or the first with one of the others. */
typedef struct {
    guint vendor;
    guint product; /* counts with a vendor only, and 0 is then a product of its own */
    guint bus;     /* counts with a device or a port only */
    guint device;
    const char *port;      /* "1", "1.4": compared as text, so that "01" is no port */
    gboolean address_hint; /* <source autoAddress='yes'>: libvirt found bus and device itself */
} UsbQuery;

/**
 * host_usb_find:
 *
 * Finds the one device that agrees with all that @query says. With @query's address_hint, where no
 * device does, the one of that vendor and product anywhere. startupPolicy has no part in it: libvirt's
 * helper looks every device up as if it were mandatory.
 *
 * Returns: (transfer full): "/dev/bus/usb/BBB/DDD", which need not exist, or NULL with
 *   BASE_ERROR_NOT_FOUND: no device agrees, or the host has no USB in sysfs;
 *   BASE_ERROR_FAILED: more than one agrees, @query says nothing, or an attribute is not readable or
 *     not a number.
 *   In all of them libvirt's helper says nothing, leaves the device out and goes on, with status 0.
 *
 * Other than libvirt's, what is unplugged while we look does not lose the other devices; an address
 * hint without a vendor never means any device; and numbers have to be numbers to their last digit.
 */
char *host_usb_find(Host *host, const UsbQuery *query, GError **error);
