/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/devices.h"

#include <string.h>

/* Types of virDomainChrType that name a path of this host. */
static const struct {
    const char *name;
    DomainChardevType type;
} chardev_types[] = {
    {"pty", DOMAIN_CHARDEV_PTY},   {"dev", DOMAIN_CHARDEV_DEV},   {"file", DOMAIN_CHARDEV_FILE},
    {"pipe", DOMAIN_CHARDEV_PIPE}, {"unix", DOMAIN_CHARDEV_UNIX},
};

void
domain_chardev_free(DomainChardev *chardev)
{
    g_free(chardev->path);
    g_free(chardev->target_type);
    g_free(chardev);
}

gboolean
domain_parse_chardev(xmlNode *node, Domain *domain, GError **error G_GNUC_UNUSED)
{
    const struct {
        const char *element;
        GPtrArray *array;
    } kinds[] = {
        {"serial", domain->serials},
        {"console", domain->consoles},
        {"parallel", domain->parallels},
        {"channel", domain->channels},
    };
    DomainChardev *chardev = g_new0(DomainChardev, 1);
    g_autofree char *type = xml_attr(node, "type");

    chardev->line = xml_line(node);
    chardev->target_type = xml_attr(xml_child(node, "target"), "type");
    for (gsize i = 0; type && i < G_N_ELEMENTS(chardev_types); i++)
        if (g_str_equal(type, chardev_types[i].name))
            chardev->type = chardev_types[i].type;
    if (chardev->type != DOMAIN_CHARDEV_OTHER)
        chardev->path = xml_attr(xml_child(node, "source"), "path");
    if (chardev->path && !*chardev->path)
        g_clear_pointer(&chardev->path, g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!xml_is(node, kinds[i].element))
            continue;
        chardev->element = kinds[i].element;
        g_ptr_array_add(kinds[i].array, chardev);
        return TRUE;
    }
    g_assert_not_reached();
}

static gboolean
is_same_source(const DomainChardev *a, const DomainChardev *b)
{
    return a->type == b->type && g_strcmp0(a->path, b->path) == 0;
}

void
domain_fix_consoles(Domain *domain)
{
    DomainChardev *console;

    if (!domain->hvm || domain->consoles->len == 0)
        return;
    console = g_ptr_array_index(domain->consoles, 0);
    if (console->target_type && !g_str_equal(console->target_type, "serial"))
        return;

    /* The first console is the first serial port: it becomes that, or gives way to it. */
    if (domain->serials->len == 0) {
        console = g_ptr_array_steal_index(domain->consoles, 0);
        console->element = "serial";
        g_ptr_array_add(domain->serials, console);
    } else if (!is_same_source(g_ptr_array_index(domain->serials, 0), console)) {
        g_ptr_array_remove_index(domain->consoles, 0);
    }
}
