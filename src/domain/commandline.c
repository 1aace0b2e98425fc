/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

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

void
domain_parse_commandline(xmlNode *root, Domain *domain)
{
    for (xmlNode *node = root->children; node; node = node->next) {
        if (xml_is_in(node, QEMU_NAMESPACE, "commandline"))
            parse_commandline(node, domain);
        else if (xml_is_in(node, QEMU_NAMESPACE, "override"))
            parse_override(node, domain);
    }
}
