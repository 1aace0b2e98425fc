/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/limits.h"
#include "image/image-name.h"
#include "image/vmdk.h"

/* One image on the way down. */
typedef struct {
    char *path;
    ImageNameKind kind;
    ImageFormat format;
} Layer;

/* What an image says of the files below it. */
typedef struct {
    char *data_path;       /* (nullable) */
    char *backing_path;    /* (nullable): of a FILE, DEVICE or DIRECTORY */
    ImageNameKind backing; /* INVALID: there is none */
    ImageFormat backing_format;
} Below;

static void
layer_clear(Layer *layer)
{
    g_free(layer->path);
}

static void
below_clear(Below *below)
{
    g_free(below->data_path);
    g_free(below->backing_path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Layer, layer_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Below, below_clear)

static void
link_free(gpointer data)
{
    ChainLink *link = data;

    g_free(link->path);
    g_free(link->part_of);
    g_free(link);
}

static ChainLink *
add_link(GPtrArray *links, const char *path, guint depth, gboolean data_file)
{
    ChainLink *link = g_new0(ChainLink, 1);

    link->path = g_strdup(path);
    link->depth = depth;
    link->data_file = data_file;
    g_ptr_array_add(links, link);
    return link;
}

static void
warn(GPtrArray *warnings, const char *path, const char *reason)
{
    if (warnings)
        g_ptr_array_add(warnings,
                        g_strdup_printf(_("backing chain ends at '%s': %s"), path, reason));
}

/* The kernel's working directory of libvirtd is "/", and there libvirt looks for a relative path. */
static int
open_image(Host *host, const char *path, int flags)
{
    g_autofree char *absolute = g_path_is_absolute(path) ? NULL : g_strconcat("/", path, NULL);

    if (*path == '\0') {
        errno = ENOENT;
        return -1;
    }
    return host_open(host, absolute ? absolute : path, flags);
}

static gssize
read_start(int fd, guint8 *bytes, gsize size)
{
    gsize used = 0;

    while (used < size) {
        ssize_t n = read(fd, bytes + used, size - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        used += (gsize)n;
    }
    return (gssize)used;
}

typedef enum {
    READ_OK,
    READ_DIRECTORY, /* a directory, which has no header */
    READ_FAILED,    /* nothing can be said of it; the reason was given */
} ReadResult;

/* What is at the path is looked at before it is opened, and once more after that. */
static ReadResult
read_bytes(Host *host, const char *path, guint8 *bytes, gsize size, gsize *len, GPtrArray *warnings)
{
    g_auto(AutoFd) node = open_image(host, path, O_PATH);
    g_auto(AutoFd) fd = -1;
    struct stat st;
    gssize n;

    *len = 0;
    if (node < 0 || fstat(node, &st) < 0) {
        warn(warnings, path, g_strerror(errno));
        return READ_FAILED;
    }
    if (S_ISDIR(st.st_mode))
        return READ_DIRECTORY;
    if (S_ISCHR(st.st_mode))
        return READ_OK;
    if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
        fd = open_image(host, path, O_RDONLY);
        if (fd < 0 || fstat(fd, &st) < 0) {
            warn(warnings, path, g_strerror(errno));
            return READ_FAILED;
        }
    }
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
        warn(warnings, path, _("neither a file nor a device"));
        return READ_FAILED;
    }
    n = read_start(fd, bytes, size);
    if (n < 0) {
        warn(warnings, path, g_strerror(errno));
        return READ_FAILED;
    }
    *len = (gsize)n;
    return READ_OK;
}

/* libvirt takes any trouble with the name of a data file for trouble with the image. */
static gboolean
resolve_data_file(const Layer *layer, const ImageFacts *facts, Below *below, GPtrArray *warnings)
{
    ImageNameKind kind = IMAGE_NAME_INVALID;

    if (*facts->data_file)
        kind = image_name_parse(facts->data_file, layer->path, &below->data_path);
    if (kind != IMAGE_NAME_INVALID && kind != IMAGE_NAME_UNUSABLE)
        return TRUE;
    warn(warnings, layer->path, _("the name of its data file cannot be used"));
    return FALSE;
}

/* virStorageFileProbeGetMetadata() and what comes of it. Returns: FALSE where libvirt leaves the image
 * out; @below may then say something nevertheless, which holds for the top, as that is never left out.
 * @top: (nullable): set for the top only */
static gboolean
examine(const Layer *layer, const ChainTop *top, const guint8 *bytes, gsize len, Below *below,
        GPtrArray *warnings)
{
    g_auto(ImageFacts) facts = {0};

    if (!image_probe(bytes, len, layer->format, &facts)) {
        warn(warnings, layer->path, _("its header cannot be used"));
        return FALSE;
    }
    if (top && top->encryption && facts.encryption &&
        !g_str_equal(top->encryption, facts.encryption)) {
        warn(warnings, layer->path, _("it is not encrypted as declared"));
        return FALSE;
    }
    /* A guest can write a header into what was a raw disk, and name any file of the host in it. So what
     * nobody declared may not lead on. */
    if (layer->format == IMAGE_FORMAT_AUTO && (facts.backing || facts.data_file)) {
        warn(warnings, layer->path, _("its format is not given in the image that it backs"));
        return FALSE;
    }
    if (facts.data_file && !(top && top->has_data_store) &&
        !resolve_data_file(layer, &facts, below, warnings))
        return FALSE;
    if (!facts.backing)
        return TRUE;
    below->backing = image_name_parse(facts.backing, layer->path, &below->backing_path);
    below->backing_format = facts.backing_format;
    if (below->backing != IMAGE_NAME_INVALID)
        return TRUE;
    warn(warnings, layer->path, _("the name of its backing file is not understood"));
    return FALSE;
}

/* Returns: FALSE where libvirt leaves the image out. */
static gboolean
read_layer(Host *host, const Layer *layer, const ChainTop *top, Below *below, GPtrArray *warnings)
{
    g_autofree guint8 *bytes = g_malloc(LIMIT_IMAGE_HEADER_BYTES);
    ReadResult result = READ_DIRECTORY;
    gsize len = 0;

    if (layer->kind != IMAGE_NAME_DIRECTORY)
        result = read_bytes(host, layer->path, bytes, LIMIT_IMAGE_HEADER_BYTES, &len, warnings);
    if (result == READ_OK)
        return examine(layer, top, bytes, len, below, warnings);
    if (result == READ_FAILED)
        return FALSE;
    if (layer->format == IMAGE_FORMAT_AUTO || layer->kind == IMAGE_NAME_DEVICE || top) {
        warn(warnings, layer->path, g_strerror(EISDIR));
        return FALSE;
    }
    return TRUE;
}

/* A name with a protocol is no path of this host (path_has_protocol() of QEMU). */
static void
add_extent(GPtrArray *links, const char *image, const char *name, guint depth)
{
    g_autofree char *dir = g_path_get_dirname(image);
    g_autofree char *path = *name == '/' ? g_strdup(name) : g_build_filename(dir, name, NULL);
    gsize plain = strcspn(name, ":/");

    if (name[plain] != ':')
        add_link(links, path, depth, FALSE)->part_of = g_strdup(image);
}

/*
 * Only where VMDK was declared: such a text has nothing in it that says so, and what nobody declared may
 * not lead on. The text was a file or device a moment ago, when its header was read.
 */
static void
add_extents(Host *host, const Layer *layer, guint depth, GPtrArray *links, GPtrArray *warnings)
{
    g_autofree guint8 *bytes = NULL;
    g_autoptr(GPtrArray) names = NULL;
    gsize len = 0;

    if (layer->format != IMAGE_FORMAT_VMDK)
        return;
    bytes = g_malloc(LIMIT_VMDK_TEXT_BYTES);
    if (read_bytes(host, layer->path, bytes, LIMIT_VMDK_TEXT_BYTES, &len, warnings) != READ_OK ||
        !image_is_vmdk_text(bytes, len))
        return;
    names = image_vmdk_extents(bytes, len);
    for (guint i = 0; i < names->len; i++)
        add_extent(links, layer->path, g_ptr_array_index(names, i), depth);
}

/* Makes @layer the one below it. Returns: FALSE at the end of the chain. */
static gboolean
descend(Layer *layer, Below *below)
{
    if (!below->backing_path)
        return FALSE;
    g_free(layer->path);
    layer->path = g_steal_pointer(&below->backing_path);
    layer->kind = below->backing;
    layer->format = below->backing_format;
    return TRUE;
}

/* How an image is told from another: what is read of it, and how. */
static char *
layer_key(const Layer *layer)
{
    return g_strdup_printf("%u %u %s", (guint)layer->kind, (guint)layer->format, layer->path);
}

GHashTable *
host_chains_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* A walk down a chain. */
typedef struct {
    GPtrArray *keys;   /* of the images on the way, without the top */
    GHashTable *known; /* (nullable): key -> from which depth all below was seen; 0: from any */
    gboolean
        cut; /* the depth ended it: who comes to one of these images by a shorter way sees more */
} Walk;

static void
remember(const Walk *walk)
{
    for (guint i = 0; walk->known && i < walk->keys->len; i++) {
        guint *from = g_new0(guint, 1);

        if (walk->cut)
            *from = i + 1;
        g_hash_table_insert(walk->known, g_strdup(g_ptr_array_index(walk->keys, i)), from);
    }
}

/* Returns: FALSE where the chain ends because @layer has been read before. */
static gboolean
enter(Walk *walk, const Layer *layer, guint depth, GPtrArray *warnings)
{
    g_autofree char *key = layer_key(layer);
    const guint *from;

    if (g_ptr_array_find_with_equal_func(walk->keys, key, g_str_equal, NULL)) {
        warn(warnings, layer->path, _("it lies on itself"));
        return FALSE;
    }
    from = walk->known ? g_hash_table_lookup(walk->known, key) : NULL;
    if (from && *from <= depth) {
        walk->cut = *from > 0;
        return FALSE;
    }
    g_ptr_array_add(walk->keys, g_steal_pointer(&key));
    return TRUE;
}

GPtrArray *
host_chain_read(Host *host, const ChainTop *top, guint max_depth, GHashTable *known,
                GPtrArray *warnings)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(link_free);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    Walk walk = {.keys = keys, .known = known};
    g_auto(Layer) layer = {g_strdup(top->path), IMAGE_NAME_FILE, top->format};
    gboolean more = max_depth > 0;

    if (top->format == IMAGE_FORMAT_NONE || top->format == IMAGE_FORMAT_AUTO ||
        top->format == IMAGE_FORMAT_AUTO_SAFE)
        layer.format = IMAGE_FORMAT_RAW;

    for (guint depth = 0; more; depth++) {
        g_auto(Below) below = {0};
        gboolean kept;

        if (depth >= max_depth) {
            warn(warnings, layer.path, _("too many images lie on one another"));
            walk.cut = TRUE;
            break;
        }
        if (depth > 0 && !enter(&walk, &layer, depth, warnings))
            break;
        kept = read_layer(host, &layer, depth == 0 ? top : NULL, &below, warnings);
        if (kept && depth > 0)
            add_link(links, layer.path, depth, FALSE);
        if (below.data_path && (kept || depth == 0))
            add_link(links, below.data_path, depth, TRUE)->part_of = g_strdup(layer.path);
        if (kept)
            add_extents(host, &layer, depth, links, warnings);
        more = kept && descend(&layer, &below);
    }
    remember(&walk);
    return g_steal_pointer(&links);
}

gboolean
host_chain_is_layered(Host *host, const char *path)
{
    g_autofree guint8 *bytes = g_malloc(LIMIT_IMAGE_HEADER_BYTES);
    g_auto(ImageFacts) facts = {0};
    gsize len = 0;

    return read_bytes(host, path, bytes, LIMIT_IMAGE_HEADER_BYTES, &len, NULL) == READ_OK &&
           image_probe(bytes, len, IMAGE_FORMAT_AUTO_SAFE, &facts) &&
           (facts.backing || facts.data_file);
}
