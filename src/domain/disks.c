/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "base/limits.h"

/* virStorageType of libvirt's storage_source_conf.c, and which attribute of <source> has the path. */
static const struct {
    const char *name;
    DomainSourceType type;
    const char *attr;
} source_types[] = {
    {"file", DOMAIN_SOURCE_FILE, "file"},     {"block", DOMAIN_SOURCE_BLOCK, "dev"},
    {"dir", DOMAIN_SOURCE_DIR, "dir"},        {"network", DOMAIN_SOURCE_OTHER, NULL},
    {"nvme", DOMAIN_SOURCE_NVME, NULL},       {"vhostuser", DOMAIN_SOURCE_VHOST_USER, "path"},
    {"vhostvdpa", DOMAIN_SOURCE_VDPA, "dev"}, {"volume", DOMAIN_SOURCE_VOLUME, NULL},
};

static gboolean
parse_layer(xmlNode *node, guint depth, DomainSource *out, Domain *domain, GError **error);

void
domain_source_free(DomainSource *source)
{
    while (source) {
        DomainSource *below = source->backing;

        domain_source_free(source->data_file);
        g_free(source->path);
        g_free(source->pool);
        g_free(source->volume);
        g_strfreev(source->sockets);
        g_free(source->config);
        g_free(source->reservations);
        g_free(source->format);
        g_free(source->encryption);
        g_free(source);
        source = below;
    }
}

void
domain_clear_disk(gpointer device)
{
    DomainDisk *disk = device;

    domain_source_free(disk->source);
    g_free(disk->target);
}

/* A volume without a name is an empty drive. One that QEMU reaches by itself has no path here. */
static void
parse_volume(xmlNode *source, DomainSource *out)
{
    if (xml_attr_is(source, "mode", "direct")) {
        out->type = DOMAIN_SOURCE_OTHER;
        return;
    }
    out->pool = xml_attr(source, "pool");
    out->volume = xml_attr(source, "volume");
}

/* What of this host QEMU needs to reach a disk elsewhere. */
static void
parse_network(xmlNode *source, DomainSource *out)
{
    g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func(g_free);

    for (xmlNode *host = xml_child(source, "host"); host; host = xml_next(host)) {
        char *socket = xml_attr_is(host, "transport", "unix") ? xml_attr(host, "socket") : NULL;

        if (socket)
            g_ptr_array_add(sockets, socket);
    }
    g_ptr_array_add(sockets, NULL);
    out->sockets = (char **)g_ptr_array_steal(sockets, NULL);
    out->config = xml_attr(xml_child(source, "config"), "file");
    out->has_auth = xml_child(source, "auth") != NULL;
}

/* The helper that libvirtd runs itself (managed='yes') listens in the VM's own directory, which has a rule. */
static void
parse_reservations(xmlNode *source, DomainSource *out)
{
    xmlNode *reservations = xml_child(source, "reservations");
    g_autofree char *path = xml_attr(xml_child(reservations, "source"), "path");

    if (path && *path && !xml_attr_is(reservations, "managed", "yes"))
        out->reservations = g_steal_pointer(&path);
}

/* Sets type and path of @out from <source>, as type @type says. */
static gboolean
parse_source(xmlNode *source, const char *type, DomainSource *out, Domain *domain, GError **error)
{
    g_autofree char *actual = NULL;

    /* what the storage driver made of a volume, in the XML that the helper gets */
    if (g_strcmp0(type, "volume") == 0) {
        actual = xml_attr(source, "actualType");
        if (actual)
            type = actual;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(source_types); i++) {
        if (!g_str_equal(source_types[i].name, type))
            continue;
        out->type = source_types[i].type;
        if (source_types[i].attr)
            out->path = xml_attr(source, source_types[i].attr);
        if (out->path && !*out->path)
            g_clear_pointer(&out->path, g_free);
        if (out->type == DOMAIN_SOURCE_VOLUME)
            parse_volume(source, out);
        if (out->type == DOMAIN_SOURCE_OTHER)
            parse_network(source, out);
        parse_reservations(source, out);
        out->encryption = xml_attr(xml_child(source, "encryption"), "format");
        out->has_fdgroup = xml_has_attr(source, "fdgroup");
        return TRUE;
    }

    out->type = DOMAIN_SOURCE_OTHER;
    domain_warn(domain, source,
                g_strdup_printf(_("disk source type '%s' is not known; it gets no rule"), type));
    return TRUE;
}

static gboolean
parse_data_file(xmlNode *source, gboolean readonly, DomainSource *out, Domain *domain,
                GError **error)
{
    xmlNode *store = xml_child(source, "dataStore");
    g_autofree char *type = xml_attr(store, "type");
    g_autoptr(DomainSource) file = NULL;

    if (!store)
        return TRUE;
    if (!type || !xml_child(store, "source"))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <dataStore>: its type or <source> is missing"),
                              xml_line(store));
    file = g_new0(DomainSource, 1);
    file->line = xml_line(store);
    file->readonly = readonly;
    file->format = xml_attr(xml_child(store, "format"), "type");
    if (!parse_source(xml_child(store, "source"), type, file, domain, error))
        return FALSE;
    out->data_file = g_steal_pointer(&file);
    return TRUE;
}

static gboolean
parse_backing(xmlNode *parent, guint depth, DomainSource *out, Domain *domain, GError **error)
{
    xmlNode *node = xml_child(parent, "backingStore");
    g_autofree char *type = xml_attr(node, "type");
    g_autoptr(DomainSource) backing = NULL;

    if (!node)
        return TRUE;
    /* without a type it is the element that ends the chain */
    out->is_last = !type;
    if (!type)
        return TRUE;
    if (depth >= LIMIT_CHAIN_DEPTH)
        return base_set_error(error, BASE_ERROR_LIMIT,
                              _("line %u: <backingStore>: more than %d layers"), xml_line(node),
                              LIMIT_CHAIN_DEPTH);
    if (!xml_child(node, "source"))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <backingStore>: <source> is missing"), xml_line(node));

    backing = g_new0(DomainSource, 1);
    backing->readonly = TRUE;
    backing->format = xml_attr(xml_child(node, "format"), "type");
    if (!parse_layer(node, depth + 1, backing, domain, error))
        return FALSE;
    out->backing = g_steal_pointer(&backing);
    return TRUE;
}

/* One layer: @node is the <disk> or <backingStore> whose <source> it is, @depth how many are above it. */
static gboolean
parse_layer(xmlNode *node, guint depth, DomainSource *out, Domain *domain, GError **error)
{
    xmlNode *source = xml_child(node, "source");
    g_autofree char *type = xml_attr(node, "type");

    out->line = xml_line(node);
    return parse_source(source, type ? type : "file", out, domain, error) &&
           parse_data_file(source, out->readonly, out, domain, error) &&
           parse_backing(node, depth, out, domain, error);
}

gboolean
domain_parse_disk(xmlNode *node, gpointer device, Domain *domain, GError **error)
{
    DomainDisk *disk = device;

    disk->target = xml_attr(xml_child(node, "target"), "dev");
    disk->source = g_new0(DomainSource, 1);
    disk->source->readonly =
        xml_child(node, "readonly") != NULL || xml_attr_is(node, "device", "cdrom");
    disk->source->format = xml_attr(xml_child(node, "driver"), "type");

    if (!xml_child(node, "source"))
        return parse_backing(node, 0, disk->source, domain, error);
    if (!parse_layer(node, 0, disk->source, domain, error))
        return FALSE;
    if (!disk->source->encryption)
        disk->source->encryption = xml_attr(xml_child(node, "encryption"), "format");
    if (xml_child(node, "auth"))
        disk->source->has_auth = TRUE;
    return TRUE;
}

gboolean
domain_parse_nvram(xmlNode *node, Domain *domain, GError **error)
{
    g_autofree char *type = xml_attr(node, "type");
    xmlNode *source = xml_child(node, "source");

    domain->nvram = g_new0(DomainSource, 1);
    domain->nvram->line = xml_line(node);
    domain->nvram->format = xml_attr(node, "format");
    if (!type) {
        domain->nvram->path = xml_text(node);
        return TRUE;
    }
    if (!source)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("line %u: <nvram type='%s'>: <source> is missing"), xml_line(node),
                              type);
    return parse_source(source, type, domain->nvram, domain, error) &&
           parse_data_file(source, FALSE, domain->nvram, domain, error);
}
