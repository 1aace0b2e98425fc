/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/image.h"

#include <string.h>

#define COW_NAME_AT   8
#define COW_NAME_SIZE 1024

#define QCOW_VERSION_AT      4
#define QCOW_BACKING_AT      8
#define QCOW_BACKING_SIZE_AT 16
#define QCOW_CRYPT_AT        36
#define QCOW_BACKING_MAX     1023 /* QEMU's bound as well */

#define QCOW2_CRYPT_AT         32
#define QCOW2_V2_SIZE          72
#define QCOW2_INCOMPATIBLE_AT  72
#define QCOW2_FEATURES_END     100
#define QCOW2_HEADER_SIZE_AT   100
#define QCOW2_F_DATA_FILE      0x4
#define QCOW2_EXT_END          0x00000000U
#define QCOW2_EXT_BACKING_TYPE 0xe2792acaU
#define QCOW2_EXT_DATA_FILE    0x44415441U

#define QED_FEATURES_AT       16
#define QED_BACKING_AT        56
#define QED_BACKING_SIZE_AT   60
#define QED_F_BACKING         0x1
#define QED_F_BACKING_IS_RAW  0x4
#define VMDK_DESCRIPTOR_AT    0x200
#define VMDK_DESCRIPTOR_VALUE "parentFileNameHint=\""

typedef struct {
    const guint8 *bytes;
    gsize len;
} Header;

/* What lies beyond the end reads as zero, which no format takes for a name. */
static guint64
read_be(const Header *header, gsize at, gsize width)
{
    guint64 value = 0;

    if (at > header->len || width > header->len - at)
        return 0;
    for (gsize i = 0; i < width; i++)
        value = value << 8 | header->bytes[at + i];
    return value;
}

static guint64
read_le(const Header *header, gsize at, gsize width)
{
    guint64 value = 0;

    if (at > header->len || width > header->len - at)
        return 0;
    for (gsize i = width; i > 0; i--)
        value = value << 8 | header->bytes[at + i - 1];
    return value;
}

/* A name of @size bytes at @at, cut at its first NUL, or NULL where it does not fit. */
static char *
read_name(const Header *header, guint64 at, guint64 size)
{
    if (at > header->len || size > header->len - at)
        return NULL;
    return g_strndup((const char *)header->bytes + at, size);
}

/* libvirt gives a COW image's backing file format NONE, with which it then refuses to read it. */
static void
cow_backing(const Header *header, ImageFacts *facts)
{
    if (read_be(header, COW_NAME_AT, 1) == 0)
        return;
    facts->backing = read_name(header, COW_NAME_AT, COW_NAME_SIZE);
    facts->backing_format = IMAGE_FORMAT_NONE;
}

typedef void (*ExtensionFunc)(guint32 type, char *payload, ImageFacts *facts);

/* The name of QEMU's protocol driver may stand in the place of the format's, and then there is no
 * format layer: whatever is no format's name means raw. */
static void
take_backing_format(guint32 type, char *payload, ImageFacts *facts)
{
    if (type != QCOW2_EXT_BACKING_TYPE)
        return;
    if (!image_format_from_string(payload, &facts->backing_format) ||
        facts->backing_format == IMAGE_FORMAT_NONE)
        facts->backing_format = IMAGE_FORMAT_RAW;
}

static void
take_data_file(guint32 type, char *payload, ImageFacts *facts)
{
    if (type != QCOW2_EXT_DATA_FILE)
        return;
    g_free(facts->data_file);
    facts->data_file = g_strdup(payload);
}

/* Walks type, length, payload and padding from the header's end up to the backing file's name.
 * The difference @end - 8 is meant to wrap: a name at 0 is no name, and no bound. */
static void
qcow2_extensions(const Header *header, ExtensionFunc take, ImageFacts *facts)
{
    guint64 end = read_be(header, QCOW_BACKING_AT, 8);
    guint64 at = QCOW2_V2_SIZE;

    if (end > header->len || header->len < 8)
        return;
    if (read_be(header, QCOW_VERSION_AT, 4) != 2)
        at = read_be(header, QCOW2_HEADER_SIZE_AT, 4);

    while (at < header->len - 8 && at <= end - 8) {
        guint32 type = (guint32)read_be(header, at, 4);
        guint64 size = read_be(header, at + 4, 4);
        g_autofree char *payload = read_name(header, at + 8, size);

        if (!payload || type == QCOW2_EXT_END)
            return;
        take(type, payload, facts);
        at += 8 + (size + 7) / 8 * 8;
    }
}

static void
qcow_backing(const Header *header, ImageFacts *facts)
{
    guint64 at = read_be(header, QCOW_BACKING_AT, 8);
    guint64 size = read_be(header, QCOW_BACKING_SIZE_AT, 4);

    if (at == 0 || size == 0 || size > QCOW_BACKING_MAX)
        return;
    facts->backing = read_name(header, at, size);
}

static void
qcow2_backing(const Header *header, ImageFacts *facts)
{
    qcow_backing(header, facts);
    if (facts->backing)
        qcow2_extensions(header, take_backing_format, facts);
}

static void
qed_backing(const Header *header, ImageFacts *facts)
{
    guint64 features = read_le(header, QED_FEATURES_AT, 8);
    guint64 size = read_le(header, QED_BACKING_SIZE_AT, 4);

    if (!(features & QED_F_BACKING) || size == 0)
        return;
    facts->backing = read_name(header, read_le(header, QED_BACKING_AT, 4), size);
    facts->backing_format =
        features & QED_F_BACKING_IS_RAW ? IMAGE_FORMAT_RAW : IMAGE_FORMAT_AUTO_SAFE;
}

/* Only a descriptor embedded at its usual place: libvirt reads neither a descriptor file of its own
 * nor the names of extents. */
static void
vmdk_backing(const Header *header, ImageFacts *facts)
{
    g_autofree char *descriptor = NULL;
    char *name, *end;

    if (header->len <= VMDK_DESCRIPTOR_AT)
        return;
    descriptor = read_name(header, VMDK_DESCRIPTOR_AT, header->len - VMDK_DESCRIPTOR_AT);
    name = descriptor ? strstr(descriptor, VMDK_DESCRIPTOR_VALUE) : NULL;
    if (!name)
        return;
    name += strlen(VMDK_DESCRIPTOR_VALUE);
    end = strchr(name, '"');
    if (end && end > name)
        facts->backing = g_strndup(name, (gsize)(end - name));
}

typedef guint64 (*ReadFunc)(const Header *header, gsize at, gsize width);
typedef void (*BackingFunc)(const Header *header, ImageFacts *facts);

/* libvirt's fileTypeInfo[], without what says nothing of other files. */
typedef struct {
    const char *name;
    const char *magic; /* without one, a format is never found and has no backing file */
    gsize magic_at;
    ReadFunc read;       /* by the format's byte order */
    gsize version_at;    /* 4 bytes; 0: any version */
    guint32 versions[4]; /* up to a 0 */
    gsize size_at;       /* 8 bytes, the disk's size */
    guint64 size_unit;   /* in bytes */
    BackingFunc backing; /* NULL: none, and @size_at is not looked at */
} FormatInfo;

static const FormatInfo formats[] = {
    [IMAGE_FORMAT_NONE] = {"none"},
    [IMAGE_FORMAT_RAW] = {"raw"},
    [IMAGE_FORMAT_DIR] = {"dir"},
    [IMAGE_FORMAT_BOCHS] = {"bochs"},
    [IMAGE_FORMAT_CLOOP] = {"cloop"},
    [IMAGE_FORMAT_DMG] = {"dmg"},
    [IMAGE_FORMAT_ISO] = {"iso", "CD001", 32769, read_le},
    [IMAGE_FORMAT_VPC] = {"vpc", "conectix", 0, read_be, 12, {0x10000}},
    [IMAGE_FORMAT_VDI] = {"vdi", "\x7f\x10\xda\xbe", 64, read_le, 68, {0x10001}},
    [IMAGE_FORMAT_FAT] = {"fat"},
    [IMAGE_FORMAT_VHD] = {"vhd"},
    [IMAGE_FORMAT_PLOOP] = {"ploop", "WithouFreSpacExt", 0, read_le},
    [IMAGE_FORMAT_COW] = {"cow", "OOOM", 0, read_be, 4, {2}, 1036, 1, cow_backing},
    [IMAGE_FORMAT_QCOW] = {"qcow", "QFI", 0, read_be, 4, {1}, 24, 1, qcow_backing},
    [IMAGE_FORMAT_QCOW2] = {"qcow2", "QFI", 0, read_be, 4, {2, 3}, 24, 1, qcow2_backing},
    [IMAGE_FORMAT_QED] = {"qed", "QED", 0, read_le, 0, {0}, 48, 1, qed_backing},
    [IMAGE_FORMAT_VMDK] = {"vmdk", "KDMV", 0, read_le, 4, {1, 2, 3}, 12, 512, vmdk_backing},
};

gboolean
image_format_from_string(const char *name, ImageFormat *format)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (g_str_equal(formats[i].name, name)) {
            *format = (ImageFormat)i;
            return TRUE;
        }
    }
    return FALSE;
}

void
image_facts_clear(ImageFacts *facts)
{
    g_free(facts->backing);
    g_free(facts->data_file);
    *facts = (ImageFacts){0};
}

static gboolean
has_magic(const Header *header, const FormatInfo *info)
{
    gsize size = info->magic ? strlen(info->magic) : 0;

    return size > 0 && header->len >= size && info->magic_at <= header->len - size &&
           memcmp(header->bytes + info->magic_at, info->magic, size) == 0;
}

static gboolean
has_version(const Header *header, const FormatInfo *info)
{
    if (info->version_at == 0)
        return TRUE;
    for (gsize i = 0; info->versions[i]; i++)
        if (info->read(header, info->version_at, 4) == info->versions[i])
            return TRUE;
    return FALSE;
}

static ImageFormat
find_format(const Header *header)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (has_magic(header, &formats[i]) && has_version(header, &formats[i]))
            return (ImageFormat)i;
    return IMAGE_FORMAT_RAW;
}

static const char *
find_encryption(const Header *header, ImageFormat format)
{
    static const char luks[] = {'L', 'U', 'K', 'S', '\xba', '\xbe', 0, 1};

    if (format == IMAGE_FORMAT_RAW)
        return header->len >= sizeof(luks) && memcmp(header->bytes, luks, sizeof(luks)) == 0
                   ? "luks"
                   : NULL;
    if (format == IMAGE_FORMAT_QCOW)
        return read_be(header, QCOW_CRYPT_AT, 4) == 1 ? "qcow" : NULL;
    if (format == IMAGE_FORMAT_QCOW2 && read_be(header, QCOW2_CRYPT_AT, 4) == 1)
        return "qcow";
    if (format == IMAGE_FORMAT_QCOW2 && read_be(header, QCOW2_CRYPT_AT, 4) == 2)
        return "luks";
    return NULL;
}

gboolean
image_probe(const guint8 *bytes, gsize len, ImageFormat format, ImageFacts *facts)
{
    const Header header = {bytes, len};
    g_auto(ImageFacts) found = {.format = format, .backing_format = IMAGE_FORMAT_AUTO};
    const FormatInfo *info;

    image_facts_clear(facts);
    if (format == IMAGE_FORMAT_AUTO || format == IMAGE_FORMAT_AUTO_SAFE)
        found.format = find_format(&header);
    if (found.format == IMAGE_FORMAT_NONE)
        return FALSE;
    info = &formats[found.format];
    found.encryption = find_encryption(&header, found.format);

    /* libvirt stops, without an error, where the disk's size is cut off or is too large */
    if (info->backing && len >= 8 && info->size_at <= len - 8 &&
        info->read(&header, info->size_at, 8) <= G_MAXUINT64 / info->size_unit) {
        info->backing(&header, &found);

        if (found.format == IMAGE_FORMAT_QCOW2 && read_be(&header, QCOW_VERSION_AT, 4) != 2) {
            if (len < QCOW2_FEATURES_END)
                return FALSE;
            if (read_be(&header, QCOW2_INCOMPATIBLE_AT, 8) & QCOW2_F_DATA_FILE)
                qcow2_extensions(&header, take_data_file, &found);
        }
    }
    *facts = found;
    found = (ImageFacts){0};
    return TRUE;
}
