/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "base/limits.h"

/* The list of a domain's devices, made by the table of devices.c. */

static const DomainDeviceType *
type_of(DomainDeviceKind kind)
{
    const DomainDeviceType *type = domain_device_types;

    while (type->element && type->kind != kind)
        type++;
    return type->element ? type : NULL;
}

void
domain_device_free(DomainDevice *device)
{
    const DomainDeviceType *type = type_of(device->kind);

    /* what is no device after all was set to be none before it owned anything */
    if (type && type->clear)
        type->clear(device);
    g_free(device);
}

gpointer
domain_add_device(Domain *domain, DomainDeviceKind kind, xmlNode *node)
{
    const DomainDeviceType *type = type_of(kind);
    DomainDevice *device;

    g_assert(type);
    device = g_malloc0(type->size);
    device->kind = kind;
    device->line = xml_line(node);
    device->element = g_intern_string((const char *)node->name);
    g_ptr_array_add(domain->devices, device);
    return device;
}

void
domain_remove_device(Domain *domain, gpointer device)
{
    g_ptr_array_remove(domain->devices, device);
}

static gboolean
parse_device(xmlNode *node, const DomainDeviceType *type, Domain *domain, GError **error)
{
    DomainDevice *device;

    if (domain->devices->len >= LIMIT_DEVICES)
        return base_set_error(error, BASE_ERROR_LIMIT, _("line %u: more than %d devices"),
                              xml_line(node), LIMIT_DEVICES);
    device = domain_add_device(domain, type->kind, node);
    if (!type->parse(node, device, domain, error))
        return FALSE;
    if (device->kind == DOMAIN_DEVICE_NONE)
        domain_remove_device(domain, device);
    return TRUE;
}

gboolean
domain_parse_devices(xmlNode *root, Domain *domain, GError **error)
{
    xmlNode *devices = xml_child(root, "devices");

    for (; devices; devices = xml_next(devices))
        for (xmlNode *node = devices->children; node; node = node->next)
            for (const DomainDeviceType *type = domain_device_types; type->element; type++)
                if (xml_is(node, type->element) && !parse_device(node, type, domain, error))
                    return FALSE;
    return TRUE;
}

gconstpointer
domain_next_device(const Domain *domain, DomainDeviceKind kind, guint *at)
{
    while (*at < domain->devices->len) {
        const DomainDevice *device = g_ptr_array_index(domain->devices, (*at)++);

        if (device->kind == kind)
            return device;
    }
    return NULL;
}

guint
domain_count_devices(const Domain *domain, DomainDeviceKind kind)
{
    guint count = 0;

    for (guint at = 0; domain_next_device(domain, kind, &at);)
        count++;
    return count;
}
