/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

/* Types of virDomainChrType that name a path of this host. */
static const struct {
    const char *name;
    DomainChardevType type;
} chardev_types[] = {
    {"pty", DOMAIN_CHARDEV_PTY},   {"dev", DOMAIN_CHARDEV_DEV},   {"file", DOMAIN_CHARDEV_FILE},
    {"pipe", DOMAIN_CHARDEV_PIPE}, {"unix", DOMAIN_CHARDEV_UNIX},
};

void
domain_clear_chardev(gpointer device)
{
    DomainChardev *chardev = device;

    g_free(chardev->path);
    g_free(chardev->target_type);
}

gboolean
domain_parse_chardev(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED,
                     GError **error G_GNUC_UNUSED)
{
    DomainChardev *chardev = device;
    g_autofree char *type = xml_attr(node, "type");

    chardev->target_type = xml_attr(xml_child(node, "target"), "type");
    for (gsize i = 0; type && i < G_N_ELEMENTS(chardev_types); i++)
        if (g_str_equal(type, chardev_types[i].name))
            chardev->type = chardev_types[i].type;
    if (chardev->type != DOMAIN_CHARDEV_OTHER)
        chardev->path = xml_attr(xml_child(node, "source"), "path");
    if (chardev->path && !*chardev->path)
        g_clear_pointer(&chardev->path, g_free);
    return TRUE;
}

static gboolean
is_same_source(const DomainChardev *a, const DomainChardev *b)
{
    return a->type == b->type && g_strcmp0(a->path, b->path) == 0;
}

/* The first of @kind; the list is ours to change here. */
static DomainChardev *
first(Domain *domain, DomainDeviceKind kind)
{
    for (guint i = 0; i < domain->devices->len; i++) {
        DomainDevice *device = g_ptr_array_index(domain->devices, i);

        if (device->kind == kind)
            return (DomainChardev *)device;
    }
    return NULL;
}

void
domain_fix_consoles(Domain *domain)
{
    DomainChardev *console = first(domain, DOMAIN_DEVICE_CONSOLE);
    DomainChardev *serial = first(domain, DOMAIN_DEVICE_SERIAL);

    if (!domain->hvm || !console)
        return;
    if (console->target_type && !g_str_equal(console->target_type, "serial"))
        return;

    /* The first console is the first serial port: it becomes that, or gives way to it. */
    if (!serial) {
        console->device.kind = DOMAIN_DEVICE_SERIAL;
        console->device.element = "serial";
    } else if (!is_same_source(serial, console)) {
        domain_remove_device(domain, console);
    }
}
