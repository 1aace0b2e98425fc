/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/image-name.h"

#include <errno.h>
#include <string.h>

#include "image/json-flat.h"

static const char *const protocols[] = {
    "none", "nbd",  "rbd",  "sheepdog", "gluster", "iscsi", "http", "https",
    "ftp",  "ftps", "tftp", "ssh",      "vxhs",    "nfs",   NULL,
};

static const char *const transports[] = {"tcp", "unix", "rdma", "fd", NULL};

/* Skips what RFC 3986 allows anywhere in a URI, and the characters of @more. */
static const char *
skip_uri(const char *at, const char *more)
{
    for (;; at++) {
        if (*at == '%' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2]))
            at += 2;
        else if (*at == '\0' ||
                 !(g_ascii_isalnum(*at) || strchr("-._~!$&'()*+,;=", *at) || strchr(more, *at)))
            return at;
    }
}

/* "//user@host:port": NULL where it is malformed. */
static const char *
skip_authority(const char *at, gboolean *has_user)
{
    const char *user_end = skip_uri(at, ":");

    *has_user = *user_end == '@';
    if (*has_user)
        at = user_end + 1;
    if (*at == '[') {
        at = strchr(at, ']');
        if (!at)
            return NULL;
        at++;
    } else {
        at = skip_uri(at, "");
    }
    if (*at == ':') {
        gsize digits = strspn(at + 1, "0123456789");

        if (digits == 0 || g_ascii_strtoull(at + 1, NULL, 10) > G_MAXINT)
            return NULL;
        at += 1 + digits;
    }
    return *at == '\0' || strchr("/?#", *at) ? at : NULL;
}

/* Gluster's path is a volume and a file in it. */
static gboolean
is_gluster_path(const char *path, gsize len)
{
    const char *slash;

    if (len > 0 && *path == '/') {
        path++;
        len--;
    }
    slash = memchr(path, '/', len);
    return slash && slash != path;
}

/* What virURIParse() and virStorageSourceParseBackingURI() accept.
 * @protocol: (nullable): the only one that may be */
static ImageNameKind
parse_uri(const char *uri, const char *protocol)
{
    const char *colon = strchr(uri, ':');
    g_autofree char *scheme = colon ? g_strndup(uri, (gsize)(colon - uri)) : NULL;
    g_auto(GStrv) parts = NULL;
    gboolean has_user = FALSE;
    const char *at, *path;

    if (!scheme)
        return IMAGE_NAME_INVALID;
    parts = g_strsplit(scheme, "+", 2);
    if (!parts[0] || !g_strv_contains(protocols, parts[0]) ||
        (parts[1] && !g_strv_contains(transports, parts[1])) ||
        (protocol && !g_str_equal(parts[0], protocol)))
        return IMAGE_NAME_INVALID;

    at = colon + 1;
    if (g_str_has_prefix(at, "//"))
        at = skip_authority(at + 2, &has_user);
    if (!at)
        return IMAGE_NAME_INVALID;
    path = at;
    at = skip_uri(at, ":@/");
    if (g_str_equal(parts[0], "gluster") && !is_gluster_path(path, (gsize)(at - path)))
        return IMAGE_NAME_INVALID;
    if (*at == '?')
        at = skip_uri(at + 1, ":@/?");
    if (*at == '#')
        at = skip_uri(at + 1, ":@/?[]");
    if (*at)
        return IMAGE_NAME_INVALID;
    return has_user ? IMAGE_NAME_UNUSABLE : IMAGE_NAME_REMOTE;
}

static gboolean
is_port(const char *text)
{
    char *end = NULL;
    guint64 port = g_ascii_strtoull(text, &end, 10);

    return end != text && *end == '\0' && port <= G_MAXUINT16 && !strchr(text, '-');
}

/* nbd:unix:PATH, nbd:HOST:PORT, nbd:[HOST]:PORT, each with an optional :exportname=NAME */
static ImageNameKind
parse_nbd(const char *spec)
{
    const char *export_name = strstr(spec, ":exportname=");
    g_autofree char *host =
        export_name ? g_strndup(spec, (gsize)(export_name - spec)) : g_strdup(spec);
    const char *rest, *port;

    if (!g_str_has_prefix(host, "nbd:"))
        return IMAGE_NAME_INVALID;
    rest = host + strlen("nbd:");
    if (g_str_has_prefix(rest, "unix:"))
        return rest[strlen("unix:")] ? IMAGE_NAME_REMOTE : IMAGE_NAME_INVALID;
    if (*rest == '[') {
        port = strstr(rest, "]:");
        return port && port > rest + 1 && is_port(port + 2) ? IMAGE_NAME_REMOTE
                                                            : IMAGE_NAME_INVALID;
    }
    port = strchr(rest, ':');
    return port && port > rest && is_port(port + 1) ? IMAGE_NAME_REMOTE : IMAGE_NAME_INVALID;
}

/* rbd:POOL/IMAGE, with options after further colons, of which only id= cannot be there twice */
static ImageNameKind
parse_rbd(const char *spec)
{
    guint ids = 0;

    if (g_str_has_prefix(spec, "rbd:"))
        spec += strlen("rbd:");
    for (const char *at = strchr(spec, ':'); at;) {
        at++;
        if (g_str_has_prefix(at, "id="))
            ids++;
        while (*at && *at != ':')
            at += at[0] == '\\' && at[1] ? 2 : 1;
        if (!*at)
            at = NULL;
    }
    return ids > 1 ? IMAGE_NAME_INVALID : IMAGE_NAME_REMOTE;
}

static ImageNameKind
parse_colon(const char *name)
{
    if (g_str_has_prefix(name, "nbd:"))
        return parse_nbd(name);
    if (g_str_has_prefix(name, "rbd:"))
        return parse_rbd(name);
    return IMAGE_NAME_INVALID;
}

/* libvirt's jsonParsers[]. Members are named in a list with spaces; what is within "server" is not
 * looked at. */
typedef struct {
    const char *driver;
    ImageNameKind kind;
    const char *uri;      /* member with the whole name as a URI, which alone is enough */
    const char *required; /* otherwise all of these */
    const char *one_of;   /* and one of these */
} BlockDriver;

static const BlockDriver drivers[] = {
    {"file", IMAGE_NAME_FILE, NULL, "filename", NULL},
    {"host_device", IMAGE_NAME_DEVICE, NULL, "filename", NULL},
    {"host_cdrom", IMAGE_NAME_DEVICE, NULL, "filename", NULL},
    {"http", IMAGE_NAME_REMOTE, "url", "url", NULL},
    {"https", IMAGE_NAME_REMOTE, "url", "url", NULL},
    {"ftp", IMAGE_NAME_REMOTE, "url", "url", NULL},
    {"ftps", IMAGE_NAME_REMOTE, "url", "url", NULL},
    {"tftp", IMAGE_NAME_REMOTE, "url", "url", NULL},
    {"gluster", IMAGE_NAME_REMOTE, "filename", "volume path server", NULL},
    {"iscsi", IMAGE_NAME_REMOTE, "filename", "transport portal target", NULL},
    {"nbd", IMAGE_NAME_REMOTE, NULL, NULL, "path host server"},
    {"sheepdog", IMAGE_NAME_REMOTE, "filename", "vdi server", NULL},
    {"ssh", IMAGE_NAME_REMOTE, NULL, "path", "host server"},
    {"rbd", IMAGE_NAME_REMOTE, "filename", "pool image", NULL},
    {"nfs", IMAGE_NAME_REMOTE, NULL, "server user group path", NULL},
    {"vxhs", IMAGE_NAME_REMOTE, NULL, "vdisk-id server", NULL},
    {"nvme", IMAGE_NAME_REMOTE, NULL, "device namespace", NULL},
};

static gboolean
has_member(GHashTable *members, const char *path, const char *name)
{
    static const char *const numbers[] = {"user", "group", "namespace", NULL};

    if (g_str_equal(name, "server"))
        return flat_get(members, path, name, JSON_OBJECT) ||
               flat_get(members, path, name, JSON_ARRAY);
    return flat_get(members, path, name,
                    g_strv_contains(numbers, name) ? JSON_NUMBER : JSON_STRING) != NULL;
}

/* How many of @names, a list with spaces, are there. */
static guint
count_members(GHashTable *members, const char *path, const char *names, guint *of)
{
    g_auto(GStrv) list = g_strsplit(names ? names : "", " ", 0);
    guint n = 0;

    *of = g_strv_length(list);
    for (guint i = 0; i < *of; i++)
        n += has_member(members, path, list[i]) ? 1 : 0;
    return n;
}

/* Where the members of @driver are at @at in @members. */
static ImageNameKind
parse_driver(const BlockDriver *driver, GHashTable *members, const char *at, char **path)
{
    const FlatMember *uri = driver->uri ? flat_get(members, at, driver->uri, JSON_STRING) : NULL;
    guint of;

    if (uri)
        return g_str_equal(driver->driver, "rbd") ? parse_rbd(uri->text)
                                                  : parse_uri(uri->text, driver->driver);
    if (count_members(members, at, driver->required, &of) < of)
        return IMAGE_NAME_INVALID;
    if (driver->one_of && count_members(members, at, driver->one_of, &of) == 0)
        return IMAGE_NAME_INVALID;
    if (driver->kind != IMAGE_NAME_REMOTE)
        *path = g_strdup(flat_get(members, at, "filename", JSON_STRING)->text);
    return driver->kind;
}

static gboolean
is_whole_number(GHashTable *members, const char *at, const char *name)
{
    g_autofree char *full = *at ? g_strdup_printf("%s.%s", at, name) : g_strdup(name);
    const FlatMember *member = g_hash_table_lookup(members, full);

    if (!member)
        return TRUE;
    if (member->type != JSON_NUMBER || member->text[strspn(member->text, "-0123456789")])
        return FALSE;
    errno = 0;
    g_ascii_strtoull(member->text, NULL, 10);
    return errno == 0;
}

/* {"driver": …}, or that within "file"; "raw" is a format, and may have such a "file" once more. */
static ImageNameKind
parse_json(const char *text, char **path)
{
    g_autoptr(GHashTable) members = flat_read(text);
    const FlatMember *driver;
    g_autofree char *at = g_strdup("");

    if (!members)
        return IMAGE_NAME_INVALID;
    if (!g_hash_table_contains(members, "driver") && flat_get(members, "", "file", JSON_OBJECT)) {
        g_free(at);
        at = g_strdup("file");
    }
    driver = flat_get(members, at, "driver", JSON_STRING);
    if (driver && g_str_equal(driver->text, "raw")) {
        char *inner = *at ? g_strdup_printf("%s.file", at) : g_strdup("file");

        if (!is_whole_number(members, at, "offset") || !is_whole_number(members, at, "size")) {
            g_free(inner);
            return IMAGE_NAME_INVALID;
        }
        g_free(at);
        at = inner;
        driver = flat_get(members, at, "driver", JSON_STRING);
    }
    for (gsize i = 0; driver && i < G_N_ELEMENTS(drivers); i++)
        if (g_str_equal(drivers[i].driver, driver->text))
            return parse_driver(&drivers[i], members, at, path);
    return IMAGE_NAME_INVALID;
}

/* Where a colon comes before the first slash, what is before it is a protocol; "./a:b" is a path. */
static gboolean
has_protocol(const char *name)
{
    return name[strcspn(name, ":/")] == ':';
}

ImageNameKind
image_name_parse(const char *name, const char *parent, char **path)
{
    g_autofree char *directory = NULL;

    if (g_str_has_prefix(name, "fat:")) {
        *path = g_strdup(name + strlen("fat:"));
        return IMAGE_NAME_DIRECTORY;
    }
    if (g_str_has_prefix(name, "json:"))
        return parse_json(name + strlen("json:"), path);
    if (has_protocol(name))
        return strstr(name, "://") ? parse_uri(name, NULL) : parse_colon(name);

    if (g_path_is_absolute(name)) {
        *path = g_strdup(name);
        return IMAGE_NAME_FILE;
    }
    directory = g_path_get_dirname(parent);
    *path = g_strdup_printf("%s/%s", g_str_equal(directory, "/") ? "" : directory, name);
    return IMAGE_NAME_FILE;
}
