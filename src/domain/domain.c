/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/domain.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "domain/parse.h"

/* virDomainVirt and virDomainOSType of libvirt's domain_conf.c */
static const char *const virt_names[] = {"none", "qemu",      "kqemu", "kvm",    "xen",    "lxc",
                                         "uml",  "openvz",    "test",  "vmware", "hyperv", "vbox",
                                         "phyp", "parallels", "bhyve", "vz",     "hvf",    NULL};
static const char *const os_names[] = {"hvm", "xen", "linux", "exe", "uml", "xenpvh", NULL};

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

void
domain_path_free(DomainPath *path)
{
    g_free(path->path);
    g_free(path);
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

    return TRUE;
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

static Domain *
domain_new(void)
{
    Domain *domain = g_new0(Domain, 1);

    domain->acpi_tables = g_ptr_array_new_with_free_func((GDestroyNotify)domain_path_free);
    domain->firmware_files = g_ptr_array_new_with_free_func((GDestroyNotify)domain_path_free);
    domain->qemu_arguments = g_ptr_array_new_with_free_func((GDestroyNotify)domain_setting_free);
    domain->qemu_environment = g_ptr_array_new_with_free_func((GDestroyNotify)domain_setting_free);
    domain->qemu_properties = g_ptr_array_new_with_free_func((GDestroyNotify)domain_setting_free);
    domain->devices = g_ptr_array_new_with_free_func((GDestroyNotify)domain_device_free);
    domain->warnings = g_ptr_array_new_with_free_func(g_free);
    return domain;
}

void
domain_free(Domain *domain)
{
    DomainPath *paths[] = {&domain->kernel,   &domain->initrd,       &domain->shim,
                           &domain->dtb,      &domain->pstore,       &domain->loader,
                           &domain->varstore, &domain->quote_socket, &domain->emulator};
    GPtrArray *arrays[] = {domain->acpi_tables,     domain->firmware_files,
                           domain->qemu_arguments,  domain->qemu_environment,
                           domain->qemu_properties, domain->devices,
                           domain->warnings};

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

/* Where Intel's service listens (virDomainTDXDefParseXML()). */
#define TDX_QUOTE_SOCKET "/var/run/tdx-qgs/qgs.socket"

static void
parse_launch_security(xmlNode *root, Domain *domain)
{
    xmlNode *security = xml_child(root, "launchSecurity");
    xmlNode *quote = xml_child(security, "quoteGenerationService");

    domain->sev = xml_attr_is(security, "type", "sev") || xml_attr_is(security, "type", "sev-snp");
    domain->quote_socket.element = "quoteGenerationService";
    domain->quote_socket.line = xml_line(quote);
    if (!xml_attr_is(security, "type", "tdx") || !quote)
        return;
    domain->quote_socket.path = xml_attr(quote, "path");
    if (!domain->quote_socket.path)
        domain->quote_socket.path = g_strdup(TDX_QUOTE_SOCKET);
}

Domain *
domain_parse(const char *data, gsize len, GError **error)
{
    g_autoptr(XmlDoc) doc = xml_parse(data, len, error);
    g_autoptr(Domain) domain = NULL;
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
        !parse_os(root, domain, error) || !domain_parse_boot(root, domain, error) ||
        !domain_parse_devices(root, domain, error))
        return NULL;
    parse_launch_security(root, domain);
    domain->memory_in_files = domain_has_memory_in_files(root);
    domain->memory_dir = domain_makes_memory_dir(root);
    domain->hugepages_dir = domain_makes_hugepages_dir(root);
    domain->memory_shared = domain_shares_memory(root);
    domain_fix_consoles(domain);
    if (!domain_parse_commandline(root, domain, error))
        return NULL;
    domain_warn_of_unread(root, domain);
    return g_steal_pointer(&domain);
}
