/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/domain.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "domain/devices.h"

/* virDomainVirt and virDomainOSType of libvirt's domain_conf.c */
static const char *const virt_names[] = {"none", "qemu",      "kqemu", "kvm",    "xen",    "lxc",
                                         "uml",  "openvz",    "test",  "vmware", "hyperv", "vbox",
                                         "phyp", "parallels", "bhyve", "vz",     "hvf",    NULL};
static const char *const os_names[] = {"hvm", "xen", "linux", "exe", "uml", "xenpvh", NULL};

static const struct {
    const char *element;
    DomainElementParser parse;
} device_parsers[] = {
    {"disk", domain_parse_disk},
    {"serial", domain_parse_chardev},
    {"console", domain_parse_chardev},
    {"parallel", domain_parse_chardev},
    {"channel", domain_parse_chardev},
    {"graphics", domain_parse_graphics},
    {"hostdev", domain_parse_hostdev},
    {"interface", domain_parse_interface},
    {"filesystem", domain_parse_filesystem},
    {"input", domain_parse_input},
    {"memory", domain_parse_memory},
    {"shmem", domain_parse_shmem},
    {"tpm", domain_parse_tpm},
    {"smartcard", domain_parse_smartcard},
};

char *
domain_sanitize_path(const char *path)
{
    g_autoptr(GString) out = NULL;

    if (strstr(path, "://"))
        return g_strdup(path);

    out = g_string_new(NULL);
    if (path[0] == '/' && path[1] == '/' && path[2] != '/') {
        g_string_append(out, "//");
        path += 2;
    }
    while (*path) {
        if (*path != '/') {
            g_string_append_c(out, *path++);
            continue;
        }
        while (*path == '/')
            path++;
        if (*path || out->len == 0)
            g_string_append_c(out, '/');
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

void
domain_warn(Domain *domain, xmlNode *node, char *message)
{
    g_autofree char *owned = message;

    g_ptr_array_add(domain->warnings, g_strdup_printf(_("line %u: %s"), xml_line(node), owned));
}

DomainPath *
domain_path_new(xmlNode *node, char *path)
{
    DomainPath *new = g_new0(DomainPath, 1);

    new->line = xml_line(node);
    new->element = g_intern_string((const char *)node->name);
    new->path = path;
    return new;
}

void
domain_path_free(DomainPath *path)
{
    g_free(path->path);
    g_free(path);
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
                g_ptr_array_add(domain->acpi_tables,
                                domain_path_new(table, domain_sanitize_path(path)));
        }
    }
}

static gboolean
parse_loader(xmlNode *os, Domain *domain, GError **error)
{
    xmlNode *loader = xml_child(os, "loader");
    xmlNode *nvram = xml_child(os, "nvram");
    xmlNode *varstore = xml_child(os, "varstore");

    parse_path_element(os, "loader", &domain->loader);
    domain->has_loader = loader || nvram;
    /* libvirt's firmware post-parse makes a ROM read-only when nothing else is said */
    domain->loader_readonly =
        xml_attr_is(loader, "readonly", "yes") ||
        (xml_attr_is(loader, "type", "rom") && !xml_attr_is(loader, "readonly", "no"));
    domain->varstore.element = "varstore";
    domain->varstore.line = xml_line(varstore);
    domain->varstore.path = xml_attr(varstore, "path");
    return !nvram || domain_parse_nvram(nvram, domain, error);
}

static gboolean
parse_os(xmlNode *root, Domain *domain, GError **error)
{
    xmlNode *os = xml_child(root, "os");
    g_autofree char *type = xml_text(xml_child(os, "type"));

    if (!type)
        return base_set_error(error, BASE_ERROR_FAILED, _("<os><type> is missing"));
    if (!g_strv_contains(os_names, type))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <os><type>: unknown OS type '%s'"),
                              xml_line(xml_child(os, "type")), type);
    domain->hvm = g_str_equal(type, "hvm");

    parse_path_element(os, "kernel", &domain->kernel);
    parse_path_element(os, "initrd", &domain->initrd);
    parse_path_element(os, "shim", &domain->shim);
    parse_path_element(os, "dtb", &domain->dtb);
    parse_acpi_tables(os, domain);
    return parse_loader(os, domain, error);
}

static gboolean
parse_identity(xmlNode *root, Domain *domain, GError **error)
{
    g_autofree char *uuid = xml_text(xml_child(root, "uuid"));
    g_autofree char *id = xml_attr(root, "id");

    domain->name = xml_text(xml_child(root, "name"));
    if (!domain->name)
        return base_set_error(error, BASE_ERROR_FAILED, _("<name> is missing"));
    if (!uuid)
        return base_set_error(error, BASE_ERROR_FAILED, _("<uuid> is missing"));
    domain->uuid = domain_uuid_canonical(uuid);
    if (!domain->uuid)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: <uuid>: '%s' is not a UUID"),
                              xml_line(xml_child(root, "uuid")), uuid);

    domain->id = -1;
    if (id) {
        guint value = 0;

        if (!xml_attr_uint(root, "id", 10, G_MAXINT, &value, error))
            return FALSE;
        domain->id = (int)value;
    }
    return TRUE;
}

static gboolean
parse_virt(xmlNode *root, Domain *domain, GError **error)
{
    static const struct {
        const char *name;
        DomainVirt virt;
    } known[] = {
        {"qemu", DOMAIN_VIRT_QEMU},
        {"kqemu", DOMAIN_VIRT_QEMU},
        {"kvm", DOMAIN_VIRT_KVM},
        {"lxc", DOMAIN_VIRT_LXC},
    };
    g_autofree char *type = xml_attr(root, "type");

    if (!type)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: <domain>: the type is missing"),
                              xml_line(root));
    if (!g_strv_contains(virt_names, type))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <domain type='%s'>: unknown virtualization type"),
                              xml_line(root), type);

    domain->virt = DOMAIN_VIRT_OTHER;
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(type, known[i].name))
            domain->virt = known[i].virt;
    domain->virt_name = g_steal_pointer(&type);
    return TRUE;
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
                                domain_path_new(entry, domain_sanitize_path(file)));
        }
    }
}

static gboolean
parse_devices(xmlNode *root, Domain *domain, GError **error)
{
    xmlNode *devices = xml_child(root, "devices");
    guint count = 0;

    for (; devices; devices = xml_next(devices)) {
        for (xmlNode *node = devices->children; node; node = node->next) {
            for (gsize i = 0; i < G_N_ELEMENTS(device_parsers); i++) {
                if (!xml_is(node, device_parsers[i].element))
                    continue;
                if (++count > LIMIT_DEVICES)
                    return base_set_error(error, BASE_ERROR_LIMIT,
                                          _("line %u: more than %d devices"), xml_line(node),
                                          LIMIT_DEVICES);
                if (!device_parsers[i].parse(node, domain, error))
                    return FALSE;
            }
            if (xml_is(node, "pstore") && !domain->pstore.path)
                parse_path_element(node, "path", &domain->pstore);
        }
    }
    return TRUE;
}

/* Memory that virtiofsd maps comes as descriptors, which AppArmor checks by the names of their files. */
static gboolean
has_memory_in_files(xmlNode *root)
{
    xmlNode *backing = xml_child(root, "memoryBacking");

    return xml_child(backing, "hugepages") ||
           xml_attr_is(xml_child(backing, "source"), "type", "file");
}

static Domain *
domain_new(void)
{
    Domain *domain = g_new0(Domain, 1);

#define ARRAY_OF(free_func) g_ptr_array_new_with_free_func((GDestroyNotify)(free_func))
    domain->acpi_tables = ARRAY_OF(domain_path_free);
    domain->firmware_files = ARRAY_OF(domain_path_free);
    domain->disks = ARRAY_OF(domain_disk_free);
    domain->serials = ARRAY_OF(domain_chardev_free);
    domain->consoles = ARRAY_OF(domain_chardev_free);
    domain->parallels = ARRAY_OF(domain_chardev_free);
    domain->channels = ARRAY_OF(domain_chardev_free);
    domain->graphics = ARRAY_OF(domain_graphics_free);
    domain->hostdevs = ARRAY_OF(domain_hostdev_free);
    domain->filesystems = ARRAY_OF(domain_filesystem_free);
    domain->inputs = ARRAY_OF(domain_path_free);
    domain->interfaces = ARRAY_OF(domain_interface_free);
    domain->memories = ARRAY_OF(domain_memory_free);
    domain->shmems = ARRAY_OF(domain_shmem_free);
    domain->tpms = ARRAY_OF(g_free);
    domain->smartcards = ARRAY_OF(domain_smartcard_free);
    domain->warnings = ARRAY_OF(g_free);
#undef ARRAY_OF
    return domain;
}

void
domain_free(Domain *domain)
{
    DomainPath *paths[] = {&domain->kernel, &domain->initrd, &domain->shim,    &domain->dtb,
                           &domain->pstore, &domain->loader, &domain->varstore};
    GPtrArray *arrays[] = {domain->acpi_tables, domain->firmware_files, domain->disks,
                           domain->serials,     domain->consoles,       domain->parallels,
                           domain->channels,    domain->graphics,       domain->hostdevs,
                           domain->filesystems, domain->inputs,         domain->interfaces,
                           domain->memories,    domain->shmems,         domain->tpms,
                           domain->smartcards,  domain->warnings};

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        g_free(paths[i]->path);
    for (gsize i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_ptr_array_unref(arrays[i]);
    domain_source_free(domain->nvram);
    g_free(domain->name);
    g_free(domain->uuid);
    g_free(domain->virt_name);
    g_free(domain);
}

Domain *
domain_parse(const char *data, gsize len, GError **error)
{
    g_autoptr(XmlDoc) doc = xml_parse(data, len, error);
    g_autoptr(Domain) domain = NULL;
    g_autofree char *security = NULL;
    xmlNode *root;

    if (!doc)
        return NULL;
    root = xmlDocGetRootElement(doc);
    if (!xml_is(root, "domain")) {
        base_set_error(error, BASE_ERROR_FAILED,
                       _("line %u: the root element is <%s>, not <domain>"), xml_line(root),
                       (const char *)root->name);
        return NULL;
    }

    domain = domain_new();
    if (!parse_identity(root, domain, error) || !parse_virt(root, domain, error) ||
        !parse_os(root, domain, error) || !parse_devices(root, domain, error))
        return NULL;
    parse_firmware_files(root, domain);
    security = xml_attr(xml_child(root, "launchSecurity"), "type");
    domain->sev = g_strcmp0(security, "sev") == 0 || g_strcmp0(security, "sev-snp") == 0;
    domain->memory_in_files = has_memory_in_files(root);
    domain_fix_consoles(domain);
    return g_steal_pointer(&domain);
}
