/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "domain/parse.h"

/*
 * What the XML passes to QEMU as it is: <qemu:commandline> and <qemu:override>. libvirt knows these by
 * their namespace, whatever the prefix (qemuDomainDefNamespaceParse()). The namespace's other elements,
 * <qemu:capabilities> and <qemu:deprecation>, have no paths.
 */

#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

void
domain_setting_free(DomainSetting *setting)
{
    g_free(setting->name);
    g_free(setting->value);
    g_free(setting);
}

/* @name: (transfer full) (nullable) */
static void
add_setting(GPtrArray *to, xmlNode *node, char *name)
{
    DomainSetting *setting = g_new0(DomainSetting, 1);

    setting->line = xml_line(node);
    setting->name = name;
    setting->value = xml_attr(node, "value");
    g_ptr_array_add(to, setting);
}

static gsize
bytes_of(const char *string)
{
    return string ? strlen(string) + 1 : 0;
}

/* @bytes: (inout): of those before @setting */
static gboolean
count(const DomainSetting *setting, gsize *bytes, GError **error)
{
    *bytes += bytes_of(setting->name) + bytes_of(setting->value);
    return *bytes <= LIMIT_QEMU_BYTES ||
           base_set_error(error, BASE_ERROR_LIMIT,
                          _("line %u: arguments and environment for QEMU are longer than %d bytes, "
                            "more than a program is started with"),
                          setting->line, LIMIT_QEMU_BYTES);
}

static gboolean
check_length(const Domain *domain, GError **error)
{
    const GPtrArray *lists[] = {domain->qemu_arguments, domain->qemu_environment};
    gsize bytes = 0;

    for (gsize n = 0; n < G_N_ELEMENTS(lists); n++)
        for (guint i = 0; i < lists[n]->len; i++)
            if (!count(g_ptr_array_index(lists[n], i), &bytes, error))
                return FALSE;
    return TRUE;
}

static void
parse_commandline(xmlNode *commandline, Domain *domain)
{
    for (xmlNode *node = commandline->children; node; node = node->next) {
        if (xml_is_in(node, QEMU_NAMESPACE, "arg") && xml_has_attr(node, "value"))
            add_setting(domain->qemu_arguments, node, NULL);
        else if (xml_is_in(node, QEMU_NAMESPACE, "env") && xml_has_attr(node, "name") &&
                 xml_has_attr(node, "value"))
            add_setting(domain->qemu_environment, node, xml_attr(node, "name"));
    }
}

/* <device><frontend><property name= type= value=>, for the device of that alias */
static void
parse_override(xmlNode *override, Domain *domain)
{
    for (xmlNode *device = override->children; device; device = device->next)
        for (xmlNode *part = device->children; part && xml_is_in(device, QEMU_NAMESPACE, "device");
             part = part->next)
            for (xmlNode *node = part->children;
                 node && xml_is_in(part, QEMU_NAMESPACE, "frontend"); node = node->next)
                if (xml_is_in(node, QEMU_NAMESPACE, "property") && xml_has_attr(node, "name") &&
                    xml_has_attr(node, "value"))
                    add_setting(domain->qemu_properties, node, xml_attr(node, "name"));
}

gboolean
domain_parse_commandline(xmlNode *root, Domain *domain, GError **error)
{
    for (xmlNode *node = root->children; node; node = node->next) {
        if (xml_is_in(node, QEMU_NAMESPACE, "commandline"))
            parse_commandline(node, domain);
        else if (xml_is_in(node, QEMU_NAMESPACE, "override"))
            parse_override(node, domain);
    }
    return check_length(domain, error);
}
