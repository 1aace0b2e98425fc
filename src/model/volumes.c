/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "domain/pool.h"
#include "host/scsi.h"

/*
 * Where the volume of a storage pool is. Before libvirt 10 its drivers translate <source pool= volume=>
 * for themselves only (virDomainDiskTranslateSourcePool()) and hand the helper what the XML had; asking
 * libvirtd is no way, as it waits for the helper. What the storage driver says of its active pools is in
 * files, and each kind of pool has its own way from a volume's name to a path (storage_backend_*.c).
 */

#define POOL_STATES RUNSTATEDIR "/libvirt/storage"

static Pool *
read_pool(Host *host, const char *name, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    g_auto(AutoFd) fd = -1;
    g_autoptr(Pool) pool = NULL;
    gsize len = 0;

    if (!pool_name_is_plain(name)) {
        base_set_error(error, BASE_ERROR_FAILED, _("'%s' is no name of a pool"), name);
        return NULL;
    }
    path = g_strconcat(POOL_STATES "/", name, ".xml", NULL);
    fd = host_open(host, path, O_RDONLY);
    if (fd < 0) {
        base_set_errno_error(error, errno, _("cannot open %s"), path);
        return NULL;
    }
    if (!base_read_fd(fd, LIMIT_FILE_BYTES, path, &text, &len, error))
        return NULL;
    pool = pool_parse(text, len, error);
    if (!pool)
        g_prefix_error(error, "%s: ", path);
    return g_steal_pointer(&pool);
}

/* "unit:BUS:TARGET:LUN" (virStorageBackendSCSINewLun()) */
static gboolean
read_unit(const char *volume, ScsiAddress *address)
{
    g_auto(GStrv) parts = g_strsplit(volume, ":", -1);
    guint64 number[3];

    if (g_strv_length(parts) != 4 || !g_str_equal(parts[0], "unit"))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(number); i++)
        if (!g_ascii_string_to_unsigned(parts[i + 1], 10, 0, G_MAXUINT, &number[i], NULL))
            return FALSE;
    address->bus = (guint)number[0];
    address->target = (guint)number[1];
    address->unit = number[2];
    return TRUE;
}

/* The link that udev makes for a unit of an iSCSI target: "ip-ADDRESS-iscsi-TARGET-lun-LUN". */
static char *
find_iscsi_link(Host *host, const Pool *pool, guint64 unit, GError **error)
{
    g_autofree char *suffix =
        g_strdup_printf("-iscsi-%s-lun-%" G_GUINT64_FORMAT, pool->device, unit);
    g_auto(GStrv) names = pool->target ? host_list(host, pool->target) : NULL;

    for (char **name = names; name && *name; name++)
        if (g_str_has_suffix(*name, suffix))
            return g_build_filename(pool->target, *name, NULL);
    base_set_error(error, BASE_ERROR_NOT_FOUND, _("there is no *%s in %s"), suffix,
                   pool->target ? pool->target : "?");
    return NULL;
}

static char *
find_unit(Host *host, const Pool *pool, const char *volume, GError **error)
{
    ScsiAddress address = {0};

    if (!read_unit(volume, &address)) {
        base_set_error(error, BASE_ERROR_FAILED, _("it is not called unit:BUS:TARGET:LUN"));
        return NULL;
    }
    if (pool->device)
        return find_iscsi_link(host, pool, address.unit, error);
    if (!pool->adapter || !host_scsi_adapter(pool->adapter, &address.host)) {
        base_set_error(error, BASE_ERROR_FAILED, _("the pool's adapter is not called scsi_hostN"));
        return NULL;
    }
    return host_scsi_node(host, &address, "block", error);
}

static char *
find_volume(Host *host, const Pool *pool, const char *volume, GError **error)
{
    switch (pool->kind) {
    case POOL_FILES:
        if (!pool->target) {
            base_set_error(error, BASE_ERROR_FAILED, _("the pool has no target"));
            return NULL;
        }
        return g_build_filename(pool->target, volume, NULL);
    case POOL_DEVICES:
        return g_strconcat("/dev/", volume, NULL);
    case POOL_LUNS:
        return find_unit(host, pool, volume, error);
    case POOL_NETWORK:
        return NULL;
    case POOL_OTHER:
        base_set_error(error, BASE_ERROR_FAILED, _("pools of type '%s' are not known"), pool->type);
        return NULL;
    }
    g_assert_not_reached();
}

static char *
volume_path(Builder *builder, const DomainSource *source, GError **error)
{
    g_autoptr(Pool) pool = NULL;

    if (!pool_name_is_plain(source->volume)) {
        base_set_error(error, BASE_ERROR_FAILED, _("'%s' is no name of a volume"), source->volume);
        return NULL;
    }
    pool = read_pool(builder->host, source->pool, error);
    return pool ? find_volume(builder->host, pool, source->volume, error) : NULL;
}

char *
model_source_path(Builder *builder, const DomainSource *source, gboolean warns)
{
    g_autoptr(GError) nonfatal = NULL;
    char *path;

    if (source->type != DOMAIN_SOURCE_VOLUME || !source->pool || !source->volume)
        return g_strdup(source->path);
    path = volume_path(builder, source, &nonfatal);
    if (nonfatal && warns)
        builder_warn(builder,
                     g_strdup_printf(_("volume '%s' of pool '%s' gets no rule: %s; start the pool "
                                       "(virsh pool-start), or name the volume's path with "
                                       "<disk type='file'> or <disk type='block'>"),
                                     source->volume, source->pool, nonfatal->message));
    return path;
}
