/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

/* What a VM starts from: not devices, and spread over <os>, <sysinfo> and <devices>. */

static DomainPath *
path_new(xmlNode *node, char *path)
{
    DomainPath *new = g_new0(DomainPath, 1);

    new->line = xml_line(node);
    new->element = g_intern_string((const char *)node->name);
    new->path = path;
    return new;
}

/* The text of the first child @name of @parent. */
static void
parse_path_element(xmlNode *parent, const char *name, DomainPath *out)
{
    xmlNode *node = xml_child(parent, name);

    out->element = g_intern_string(name);
    out->line = xml_line(node);
    out->path = xml_text(node);
}

static void
parse_acpi_tables(xmlNode *os, Domain *domain)
{
    xmlNode *acpi, *table;

    for (acpi = xml_child(os, "acpi"); acpi; acpi = xml_next(acpi)) {
        for (table = xml_child(acpi, "table"); table; table = xml_next(table)) {
            g_autofree char *path = xml_text(table);

            if (path)
                g_ptr_array_add(domain->acpi_tables, path_new(table, domain_sanitize_path(path)));
        }
    }
}

/*
 * Without a type it is a ROM (virDomainDefPostParseOs()), or what a firmware description with that path says,
 * which is read-only flash (qemuFirmwareFillDomainCustom()): a running domain's XML has the type. A ROM is
 * read-only when nothing else is said.
 */
static gboolean
is_readonly_loader(xmlNode *loader)
{
    if (xml_has_attr(loader, "readonly"))
        return xml_attr_is(loader, "readonly", "yes");
    return !xml_has_attr(loader, "type") || xml_attr_is(loader, "type", "rom");
}

static gboolean
parse_loader(xmlNode *os, Domain *domain, GError **error)
{
    xmlNode *loader = xml_child(os, "loader");
    xmlNode *nvram = xml_child(os, "nvram");
    xmlNode *varstore = xml_child(os, "varstore");

    parse_path_element(os, "loader", &domain->loader);
    domain->has_loader = loader || nvram;
    domain->loader_readonly = is_readonly_loader(loader);
    domain->varstore.element = "varstore";
    domain->varstore.line = xml_line(varstore);
    domain->varstore.path = xml_attr(varstore, "path");
    return !nvram || domain_parse_nvram(nvram, domain, error);
}

static void
parse_firmware_files(xmlNode *root, Domain *domain)
{
    xmlNode *sysinfo, *entry;

    for (sysinfo = xml_child(root, "sysinfo"); sysinfo; sysinfo = xml_next(sysinfo)) {
        if (!xml_attr_is(sysinfo, "type", "fwcfg"))
            continue;
        for (entry = xml_child(sysinfo, "entry"); entry; entry = xml_next(entry)) {
            g_autofree char *file = xml_attr(entry, "file");

            if (file)
                g_ptr_array_add(domain->firmware_files,
                                path_new(entry, domain_sanitize_path(file)));
        }
    }
}

/* The pages where a guest leaves its last words; there is one at most, and of several the first counts. */
static void
parse_pstore(xmlNode *root, Domain *domain)
{
    xmlNode *devices = xml_child(root, "devices");

    for (; devices; devices = xml_next(devices))
        for (xmlNode *pstore = xml_child(devices, "pstore"); pstore; pstore = xml_next(pstore))
            if (!domain->pstore.path)
                parse_path_element(pstore, "path", &domain->pstore);
}

static void
parse_emulator(xmlNode *root, Domain *domain)
{
    xmlNode *devices = xml_child(root, "devices");

    for (; devices; devices = xml_next(devices))
        if (!domain->emulator.path)
            parse_path_element(devices, "emulator", &domain->emulator);
}

gboolean
domain_parse_boot(xmlNode *root, Domain *domain, GError **error)
{
    xmlNode *os = xml_child(root, "os");

    parse_path_element(os, "kernel", &domain->kernel);
    parse_path_element(os, "initrd", &domain->initrd);
    parse_path_element(os, "shim", &domain->shim);
    parse_path_element(os, "dtb", &domain->dtb);
    parse_acpi_tables(os, domain);
    parse_firmware_files(root, domain);
    parse_pstore(root, domain);
    parse_emulator(root, domain);
    return parse_loader(os, domain, error);
}
