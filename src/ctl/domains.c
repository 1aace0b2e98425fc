/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/domains.h"

#include <glib/gi18n-lib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

typedef struct _virConnect Connection;
typedef struct _virDomain LibvirtDomain;

static void
close_connection(Connection *connection)
{
    virConnectClose(connection);
}

static void
free_libvirt_domain(LibvirtDomain *domain)
{
    virDomainFree(domain);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Connection, close_connection)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LibvirtDomain, free_libvirt_domain)

void
ctl_domain_free(CtlDomain *domain)
{
    if (!domain)
        return;
    g_free(domain->name);
    g_free(domain->uuid);
    g_free(domain->xml);
    g_free(domain->label);
    g_free(domain->label_type);
    g_free(domain);
}

gboolean
ctl_domain_is_exempt(const CtlDomain *domain)
{
    return g_strcmp0(domain->label_type, "none") == 0 ||
           g_strcmp0(domain->label_type, "static") == 0;
}

/* libvirt prints what it reports, unless somebody takes it. */
static void
ignore_report(void *data, virErrorPtr report)
{
}

static gboolean
set_libvirt_error(GError **error, const char *what)
{
    const virError *last = virGetLastError();

    return base_set_error(error, BASE_ERROR_FAILED, "%s: %s", what,
                          last && last->message ? last->message : _("libvirt does not say why"));
}

static Connection *
connect_to(const char *uri, GError **error)
{
    Connection *connection;

    virSetErrorFunc(NULL, ignore_report);
    connection = virConnectOpenReadOnly(uri);
    if (!connection)
        set_libvirt_error(error, _("libvirt cannot be reached"));
    return connection;
}

/*
 * (transfer full) (nullable): the type of the <seclabel> of AppArmor's, or of the one without a model. The
 * XML is libvirt's own, which has each on a line, model and type in either order.
 */
static char *
seclabel_type(const char *xml)
{
    g_autoptr(GRegex) element = g_regex_new("^ *<seclabel ([^>]*)>", G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GRegex) type = g_regex_new("type='([a-z]*)'", 0, 0, NULL);
    g_autoptr(GMatchInfo) found = NULL;

    for (g_regex_match(element, xml, 0, &found); g_match_info_matches(found);
         g_match_info_next(found, NULL)) {
        g_autofree char *attributes = g_match_info_fetch(found, 1);
        g_autoptr(GMatchInfo) value = NULL;

        if (strstr(attributes, "model='") && !strstr(attributes, "model='apparmor'"))
            continue;
        if (g_regex_match(type, attributes, 0, &value))
            return g_match_info_fetch(value, 1);
    }
    return NULL;
}

/* Of all labels, one a driver; AppArmor's is the one that is a profile's name. */
static void
read_label(LibvirtDomain *handle, CtlDomain *domain)
{
    virSecurityLabelPtr labels = NULL;
    int n = virDomainGetSecurityLabelList(handle, &labels);

    for (int i = 0; i < n; i++) {
        if (labels[i].label[0] == '+' || !labels[i].label[0]) /* DAC's is "+UID:+GID" */
            continue;
        domain->label = g_strdup(labels[i].label);
        domain->enforcing = labels[i].enforcing != 0;
        break;
    }
    free(labels);
}

/* (nullable): what libvirt tells of @handle; NULL where it has gone meanwhile */
static CtlDomain *
read_domain(LibvirtDomain *handle, GError **error)
{
    g_autoptr(CtlDomain) domain = g_new0(CtlDomain, 1);
    char uuid[VIR_UUID_STRING_BUFLEN];
    const char *name = virDomainGetName(handle);
    char *xml = virDomainGetXMLDesc(handle, 0);

    if (!xml || !name || virDomainGetUUIDString(handle, uuid) < 0) {
        set_libvirt_error(error, _("a domain cannot be read"));
        free(xml);
        return NULL;
    }
    domain->name = g_strdup(name);
    domain->uuid = g_strdup(uuid);
    domain->id = (int)virDomainGetID(handle);
    domain->running = virDomainIsActive(handle) == 1;
    domain->transient = virDomainIsPersistent(handle) == 0;
    domain->xml = g_strdup(xml);
    free(xml);
    domain->label_type = seclabel_type(domain->xml);
    if (domain->running)
        read_label(handle, domain);
    else
        domain->id = -1;
    return g_steal_pointer(&domain);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    const CtlDomain *const *x = a;
    const CtlDomain *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* (transfer full) (element-type LibvirtDomain): all that there are */
static GPtrArray *
list_handles(const char *uri, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)free_libvirt_domain);
    g_autoptr(Connection) connection = connect_to(uri, error);
    virDomainPtr *handles = NULL;
    int n;

    if (!connection)
        return NULL;
    n = virConnectListAllDomains(connection, &handles, 0);
    if (n < 0) {
        set_libvirt_error(error, _("domains cannot be listed"));
        return NULL;
    }
    for (int i = 0; i < n; i++)
        g_ptr_array_add(list, handles[i]); /* which keep the connection */
    free(handles);
    return g_steal_pointer(&list);
}

GPtrArray *
domains_list(const char *uri, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)ctl_domain_free);
    g_autoptr(GPtrArray) handles = list_handles(uri, error);

    if (!handles)
        return NULL;
    for (guint i = 0; i < handles->len; i++) {
        CtlDomain *domain = read_domain(g_ptr_array_index(handles, i), NULL);

        if (domain)
            g_ptr_array_add(list, domain);
    }
    g_ptr_array_sort(list, by_name);
    return g_steal_pointer(&list);
}

GHashTable *
domains_uuids(const char *uri, GError **error)
{
    g_autoptr(GHashTable) uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) handles = list_handles(uri, error);

    if (!handles)
        return NULL;
    for (guint i = 0; i < handles->len; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN];

        if (virDomainGetUUIDString(g_ptr_array_index(handles, i), uuid) < 0) {
            set_libvirt_error(error, _("a domain cannot be read"));
            return NULL;
        }
        g_hash_table_add(uuids, g_strdup(uuid));
    }
    return g_steal_pointer(&uuids);
}

/* As virsh does: a number is an ID first, then a UUID, then a name. */
static LibvirtDomain *
look_up(Connection *connection, const char *name)
{
    guint64 id;
    LibvirtDomain *handle = NULL;

    if (g_ascii_string_to_unsigned(name, 10, 0, G_MAXINT, &id, NULL))
        handle = virDomainLookupByID(connection, (int)id);
    if (!handle && strlen(name) == VIR_UUID_STRING_BUFLEN - 1)
        handle = virDomainLookupByUUIDString(connection, name);
    if (!handle)
        handle = virDomainLookupByName(connection, name);
    return handle;
}

CtlDomain *
domains_find(const char *uri, const char *name, GError **error)
{
    g_autoptr(Connection) connection = connect_to(uri, error);
    g_autoptr(LibvirtDomain) handle = NULL;

    if (!connection)
        return NULL;
    handle = look_up(connection, name);
    if (!handle) {
        base_set_error(error, BASE_ERROR_NOT_FOUND, _("there is no domain '%s'"), name);
        return NULL;
    }
    return read_domain(handle, error);
}

char *
domains_security_drivers(const char *uri, GError **error)
{
    g_autoptr(Connection) connection = connect_to(uri, error);
    g_autoptr(GRegex) model =
        g_regex_new("<secmodel>\\s*<model>([^<]*)</model>", G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) found = NULL;
    g_autoptr(GString) drivers = g_string_new(NULL);
    char *xml;

    if (!connection)
        return NULL;
    xml = virConnectGetCapabilities(connection);
    if (!xml) {
        set_libvirt_error(error, _("libvirt's capabilities cannot be read"));
        return NULL;
    }
    for (g_regex_match(model, xml, 0, &found); g_match_info_matches(found);
         g_match_info_next(found, NULL)) {
        g_autofree char *name = g_match_info_fetch(found, 1);

        g_string_append_printf(drivers, "%s%s", drivers->len ? "," : "", name);
    }
    free(xml);
    return g_string_free(g_steal_pointer(&drivers), FALSE);
}
