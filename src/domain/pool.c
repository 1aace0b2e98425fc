/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/pool.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "domain/xml.h"

/* virStoragePoolType of libvirt's storage_conf.c */
static const struct {
    const char *name;
    PoolKind kind;
} pool_types[] = {
    {"dir", POOL_FILES},        {"fs", POOL_FILES},
    {"netfs", POOL_FILES},      {"vstorage", POOL_FILES},
    {"logical", POOL_FILES},    {"zfs", POOL_FILES},
    {"disk", POOL_DEVICES},     {"mpath", POOL_DEVICES},
    {"scsi", POOL_LUNS},        {"iscsi", POOL_LUNS},
    {"rbd", POOL_NETWORK},      {"gluster", POOL_NETWORK},
    {"sheepdog", POOL_NETWORK}, {"iscsi-direct", POOL_NETWORK},
};

void
pool_free(Pool *pool)
{
    g_free(pool->type);
    g_free(pool->target);
    g_free(pool->adapter);
    g_free(pool->device);
    g_free(pool);
}

static PoolKind
kind_of(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(pool_types); i++)
        if (g_str_equal(type, pool_types[i].name))
            return pool_types[i].kind;
    return POOL_OTHER;
}

Pool *
pool_parse(const char *data, gsize len, GError **error)
{
    g_autoptr(XmlDoc) doc = xml_parse(data, len, error);
    g_autoptr(Pool) pool = NULL;
    xmlNode *root, *node, *source;

    if (!doc)
        return NULL;
    root = xmlDocGetRootElement(doc);
    node = xml_is(root, "poolstate") ? xml_child(root, "pool") : NULL;
    if (!node || !xml_has_attr(node, "type")) {
        base_set_error(error, BASE_ERROR_FAILED, _("line %u: this is no state of a storage pool"),
                       xml_line(root));
        return NULL;
    }
    source = xml_child(node, "source");
    pool = g_new0(Pool, 1);
    pool->type = xml_attr(node, "type");
    pool->kind = kind_of(pool->type);
    pool->target = xml_text(xml_child(xml_child(node, "target"), "path"));
    if (pool->target && *pool->target != '/')
        g_clear_pointer(&pool->target, g_free);
    pool->adapter = xml_attr(xml_child(source, "adapter"), "name");
    pool->device = xml_attr(xml_child(source, "device"), "path");
    return g_steal_pointer(&pool);
}

gboolean
pool_name_is_plain(const char *name)
{
    return *name != '\0' && !strchr(name, '/') && !g_str_equal(name, ".") &&
           !g_str_equal(name, "..");
}
