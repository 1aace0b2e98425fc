/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/usb.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define USB_DEVICES "/sys/bus/usb/devices"

static gboolean
parse_number(const char *text, guint base, guint max, guint *number)
{
    guint64 parsed;

    if (!g_ascii_string_to_unsigned(text, base, 0, max, &parsed, NULL))
        return FALSE;
    *number = (guint)parsed;
    return TRUE;
}

/* FALSE: not the name of a device's directory. */
static gboolean
parse_bus(const char *name, guint *bus)
{
    const char *dash = strchr(name, '-');
    g_autofree char *digits = NULL;

    if (strchr(name, ':'))
        return FALSE;
    if (g_str_has_prefix(name, "usb"))
        return parse_number(name + strlen("usb"), 10, G_MAXINT, bus);
    if (!dash)
        return FALSE;
    digits = g_strndup(name, (gsize)(dash - name));
    return parse_number(digits, 10, G_MAXINT, bus);
}

static char *
read_attribute(Host *host, const char *name, const char *attribute, GError **error)
{
    g_autofree char *path = g_strdup_printf(USB_DEVICES "/%s/%s", name, attribute);
    char *text = host_read_text(host, path);

    /* sysfs says ENODEV where the device went away between open() and read(). */
    if (!text)
        base_set_errno_error(error, errno == ENODEV ? ENOENT : errno, _("cannot read %s"), path);
    return text;
}

/* The numbers that sysfs has of a device, and what they are written to. */
typedef struct {
    const char *attribute;
    guint base;
    guint max;
} Number;

static const Number vendor_number = {"idVendor", 16, G_MAXUINT16};
static const Number product_number = {"idProduct", 16, G_MAXUINT16};
static const Number device_number = {"devnum", 10, G_MAXINT};

static gboolean
read_number(Host *host, const char *name, const Number *kind, guint *number, GError **error)
{
    g_autofree char *text = read_attribute(host, name, kind->attribute, error);

    if (!text)
        return FALSE;
    if (!parse_number(text, kind->base, kind->max, number))
        return base_set_error(error, BASE_ERROR_FAILED, _("%s of USB device %s is not a number"),
                              kind->attribute, name);
    return TRUE;
}

/*
 * Sets @device to the number of device @name if it agrees with @query, to 0, which is no device's, if
 * not. Reads no more than it needs, so that a device on another bus cannot stand in the way.
 */
static gboolean
match(Host *host, const char *name, guint bus, const UsbQuery *query, guint *device, GError **error)
{
    guint vendor, product, number;

    *device = 0;
    if ((query->device || query->port) && bus != query->bus)
        return TRUE;
    if (query->vendor) {
        if (!read_number(host, name, &vendor_number, &vendor, error) ||
            !read_number(host, name, &product_number, &product, error))
            return FALSE;
        if (vendor != query->vendor || product != query->product)
            return TRUE;
    }
    if (query->port) {
        g_autofree char *port = read_attribute(host, name, "devpath", error);

        if (!port)
            return FALSE;
        if (!g_str_equal(port, query->port))
            return TRUE;
    }
    if (!read_number(host, name, &device_number, &number, error))
        return FALSE;
    if (!query->device || number == query->device)
        *device = number;
    return TRUE;
}

static char *
describe(const UsbQuery *query)
{
    GString *text = g_string_new(NULL);

    if (query->vendor)
        g_string_append_printf(text, " %04x:%04x", query->vendor, query->product);
    if (query->device)
        g_string_append_printf(text, " bus=%u device=%u", query->bus, query->device);
    else if (query->port)
        g_string_append_printf(text, " bus=%u", query->bus);
    if (query->port)
        g_string_append_printf(text, " port=%s", query->port);
    g_string_erase(text, 0, 1);
    return g_string_free(text, FALSE);
}

static char *
search(Host *host, const UsbQuery *query, GError **error)
{
    g_autofree char *what = describe(query);
    g_auto(GStrv) names = host_list(host, USB_DEVICES);
    g_autofree char *node = NULL;

    if (!names) {
        base_set_errno_error(error, errno, _("cannot look for USB device %s in %s"), what,
                             USB_DEVICES);
        return NULL;
    }

    for (char **name = names; *name; name++) {
        g_autoptr(GError) failure = NULL;
        guint bus, device;

        if (!parse_bus(*name, &bus))
            continue;
        if (!match(host, *name, bus, query, &device, &failure)) {
            if (g_error_matches(failure, BASE_ERROR, BASE_ERROR_NOT_FOUND))
                continue;
            g_propagate_prefixed_error(error, g_steal_pointer(&failure),
                                       _("while looking for USB device %s: "), what);
            return NULL;
        }
        if (device && node) {
            base_set_error(error, BASE_ERROR_FAILED,
                           _("more than one USB device is %s; <address> can say which"), what);
            return NULL;
        }
        if (device)
            node = g_strdup_printf("/dev/bus/usb/%03u/%03u", bus, device);
    }

    if (!node)
        base_set_error(error, BASE_ERROR_NOT_FOUND, _("no USB device is %s"), what);
    return g_steal_pointer(&node);
}

char *
host_usb_find(Host *host, const UsbQuery *query, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *node = NULL;

    if (!query->vendor && !query->device && !query->port) {
        base_set_error(error, BASE_ERROR_FAILED,
                       _("a USB device needs a vendor, a device number or a port"));
        return NULL;
    }

    node = search(host, query, &failure);
    if (!node && query->address_hint && query->vendor && query->device &&
        g_error_matches(failure, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        UsbQuery anywhere = *query;

        /* a port is never a guess of libvirt's, and so it still counts */
        anywhere.device = 0;
        g_clear_error(&failure);
        node = search(host, &anywhere, &failure);
    }
    if (!node)
        g_propagate_error(error, g_steal_pointer(&failure));
    return g_steal_pointer(&node);
}
