/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/image.h"

#include <check.h>
#include <stdlib.h>

#include "base/limits.h"
#include "image-builder.h"

/* A copy that ends where its bytes end, so that the address sanitizer sees a step beyond them. */
static gboolean
probe_exact(const GByteArray *image, gsize len, ImageFormat format, ImageFacts *facts)
{
    g_autofree guint8 *bytes = len ? g_memdup2(image->data, len) : NULL;

    return image_probe(bytes, len, format, facts);
}

START_TEST(test_format_names)
{
    static const struct {
        const char *name;
        gboolean known;
        ImageFormat format;
    } rows[] = {
        {"raw", TRUE, IMAGE_FORMAT_RAW},
        {"qcow2", TRUE, IMAGE_FORMAT_QCOW2},
        {"vmdk", TRUE, IMAGE_FORMAT_VMDK},
        {"none", TRUE, IMAGE_FORMAT_NONE},
        {"ploop", TRUE, IMAGE_FORMAT_PLOOP},
        {"QCOW2", FALSE, 0},
        {"qcow2 ", FALSE, 0},
        {"", FALSE, 0},
        {"auto", FALSE, 0},
        {"vhdx", FALSE, 0},
        {"luks", FALSE, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        ImageFormat format = IMAGE_FORMAT_AUTO;

        ck_assert_msg(image_format_from_string(rows[i].name, &format) == rows[i].known, "%s",
                      rows[i].name);
        ck_assert_msg(!rows[i].known || format == rows[i].format, "%s", rows[i].name);
    }
}
END_TEST

START_TEST(test_found_formats)
{
    const struct {
        const char *name;
        guint at;
        const char *magic;
        guint version_at;
        guint64 version;
        ImageFormat format;
    } rows[] = {
        {"nothing", 0, "", 8, 0, IMAGE_FORMAT_RAW},
        {"qcow2 version 2", 0, "QFI\xfb", 4, 2, IMAGE_FORMAT_QCOW2},
        {"qcow2 version 3", 0, "QFI\xfb", 4, 3, IMAGE_FORMAT_QCOW2},
        {"qcow version 1", 0, "QFI\xfb", 4, 1, IMAGE_FORMAT_QCOW},
        {"qcow of the future", 0, "QFI\xfb", 4, 4, IMAGE_FORMAT_RAW},
        {"cow", 0, "OOOM", 4, 2, IMAGE_FORMAT_COW},
        {"qed", 0, "QED", 8, 0, IMAGE_FORMAT_QED},
        {"vmdk", 0, "KDMV", 4, 0x01000000, IMAGE_FORMAT_VMDK},
        {"vmdk of the future", 0, "KDMV", 4, 0x09000000, IMAGE_FORMAT_RAW},
        {"vpc", 0, "conectix", 12, 0x10000, IMAGE_FORMAT_VPC},
        {"vdi", 64, "\x7f\x10\xda\xbe", 68, 0x01000100, IMAGE_FORMAT_VDI},
        {"ploop", 0, "WithouFreSpacExt", 16, 0, IMAGE_FORMAT_PLOOP},
        {"iso", 32769, "CD001", 8, 0, IMAGE_FORMAT_ISO},
        {"iso goes before qcow2", 32769, "CD001", 0, 0x514649fb, IMAGE_FORMAT_ISO},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) image = g_byte_array_new();
        g_auto(ImageFacts) facts = {0};

        pad_to(image, LIMIT_IMAGE_HEADER_BYTES);
        memcpy(image->data + rows[i].at, rows[i].magic, strlen(rows[i].magic));
        if (rows[i].version)
            set_be(image, rows[i].version_at, rows[i].version, 4);
        ck_assert_msg(probe_exact(image, image->len, IMAGE_FORMAT_AUTO, &facts), "%s",
                      rows[i].name);
        ck_assert_msg(facts.format == rows[i].format, "%s: %u", rows[i].name, facts.format);
    }
}
END_TEST

typedef struct {
    const char *name;
    Qcow2 image;
    struct {
        guint at;
        guint64 value;
        guint width;
    } patch; /* of @width 0: none */
    const char *backing;
    ImageFormat backing_format;
    const char *data_file;
} Qcow2Row;

#define PATCH(at, value, width) \
    {                           \
        at, value, width        \
    }
#define NO_PATCH \
    {            \
        0, 0, 0  \
    }

static const Qcow2Row qcow2_rows[] = {
    {"no backing file", {0}, NO_PATCH, NULL, IMAGE_FORMAT_AUTO, NULL},
    {"v3", {3, "b", "qcow2", NULL}, NO_PATCH, "b", IMAGE_FORMAT_QCOW2, NULL},
    {"v2", {2, "b", "raw", NULL}, NO_PATCH, "b", IMAGE_FORMAT_RAW, NULL},
    {"no format", {3, "b", NULL, NULL}, NO_PATCH, "b", IMAGE_FORMAT_AUTO, NULL},
    {"protocol as format", {3, "b", "file", NULL}, NO_PATCH, "b", IMAGE_FORMAT_RAW, NULL},
    {"empty format", {3, "b", "", NULL}, NO_PATCH, "b", IMAGE_FORMAT_RAW, NULL},
    {"format none", {3, "b", "none", NULL}, NO_PATCH, "b", IMAGE_FORMAT_RAW, NULL},
    {"data", {3, NULL, NULL, "d"}, NO_PATCH, NULL, IMAGE_FORMAT_AUTO, "d"},
    {"data and backing", {3, "b", "qed", "d"}, NO_PATCH, "b", IMAGE_FORMAT_QED, "d"},
    {"empty data", {3, NULL, NULL, ""}, NO_PATCH, NULL, IMAGE_FORMAT_AUTO, ""},
    {"data without its bit", {3, NULL, NULL, "d"}, PATCH(72, 0, 8), NULL, IMAGE_FORMAT_AUTO, NULL},
    {"data in v2", {2, NULL, NULL, "d"}, NO_PATCH, NULL, IMAGE_FORMAT_AUTO, NULL},
    {"no magic", {3, "b", "raw", NULL}, PATCH(0, 0, 4), "b", IMAGE_FORMAT_RAW, NULL},
    {"version 9", {3, "b", "raw", NULL}, PATCH(4, 9, 4), "b", IMAGE_FORMAT_RAW, NULL},
    {"name of 1024 bytes",
     {3, "b", "raw", NULL},
     PATCH(16, 1024, 4),
     NULL,
     IMAGE_FORMAT_AUTO,
     NULL},
    {"name of 4 GiB",
     {3, "b", "raw", NULL},
     PATCH(16, 0xffffffff, 4),
     NULL,
     IMAGE_FORMAT_AUTO,
     NULL},
    {"name one byte beyond the end",
     {3, "b", "raw", NULL},
     PATCH(16, 2, 4),
     NULL,
     IMAGE_FORMAT_AUTO,
     NULL},
    {"name of no bytes", {3, "b", "raw", NULL}, PATCH(16, 0, 4), NULL, IMAGE_FORMAT_AUTO, NULL},
    {"name at the end of numbers",
     {3, "b", "raw", NULL},
     PATCH(8, G_MAXUINT64, 8),
     NULL,
     IMAGE_FORMAT_AUTO,
     NULL},
    {"extensions begin beyond the end",
     {3, "b", "raw", NULL},
     PATCH(100, 0xffffffff, 4),
     "b",
     IMAGE_FORMAT_AUTO,
     NULL},
    {"extension of 4 GiB",
     {3, "b", "raw", NULL},
     PATCH(108, 0xffffffff, 4),
     "b",
     IMAGE_FORMAT_AUTO,
     NULL},
    {"extension is unknown",
     {3, "b", "raw", NULL},
     PATCH(104, EXT_UNKNOWN, 4),
     "b",
     IMAGE_FORMAT_AUTO,
     NULL},
    {"extensions end before the format",
     {3, "b", "raw", NULL},
     PATCH(104, EXT_END, 4),
     "b",
     IMAGE_FORMAT_AUTO,
     NULL},
    {"NUL in the name", {3, "abc", "raw", NULL}, PATCH(129, 0, 1), "a", IMAGE_FORMAT_RAW},
    {"NUL in the format", {3, "b", "rawX", NULL}, PATCH(115, 0, 1), "b", IMAGE_FORMAT_RAW},
};

START_TEST(test_qcow2)
{
    for (gsize i = 0; i < G_N_ELEMENTS(qcow2_rows); i++) {
        const Qcow2Row *row = &qcow2_rows[i];
        g_autoptr(GByteArray) image = build_qcow2(&row->image);
        g_auto(ImageFacts) facts = {0};

        if (row->patch.width)
            set_be(image, row->patch.at, row->patch.value, row->patch.width);
        ck_assert_msg(probe_exact(image, image->len, IMAGE_FORMAT_QCOW2, &facts), "%s", row->name);
        ck_assert_msg(g_strcmp0(facts.backing, row->backing) == 0, "%s: backing %s", row->name,
                      facts.backing);
        ck_assert_msg(!row->backing || facts.backing_format == row->backing_format, "%s: format %u",
                      row->name, facts.backing_format);
        ck_assert_msg(g_strcmp0(facts.data_file, row->data_file) == 0, "%s: data %s", row->name,
                      facts.data_file);
    }
}
END_TEST

/* The last extension of a header counts, and what is cut off does not. */
START_TEST(test_qcow2_extensions)
{
    static const struct {
        const char *name;
        struct {
            guint32 type;
            guint32 len; /* 0: the text's */
            const char *text;
        } extensions[3];
        const char *data_file;
    } rows[] = {
        {"after an unknown one", {{EXT_UNKNOWN, 0, "abc"}, {EXT_DATA_FILE, 0, "d"}}, "d"},
        {"the last of two", {{EXT_DATA_FILE, 0, "c"}, {EXT_DATA_FILE, 0, "d"}}, "d"},
        {"after the end", {{EXT_END, 0, ""}, {EXT_DATA_FILE, 0, "d"}}, NULL},
        {"before one that is cut", {{EXT_DATA_FILE, 0, "d"}, {EXT_UNKNOWN, 999, ""}}, "d"},
        {"after one that is cut", {{EXT_UNKNOWN, 999, ""}, {EXT_DATA_FILE, 0, "d"}}, NULL},
        {"cut itself", {{EXT_DATA_FILE, 9, "d"}}, NULL},
        {"up to the last byte", {{EXT_DATA_FILE, 8, "d"}}, "d"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) image = build_qcow2(&(Qcow2){.data_file = "x"});
        g_auto(ImageFacts) facts = {0};

        g_byte_array_set_size(image, 104);
        for (gsize j = 0; j < G_N_ELEMENTS(rows[i].extensions) && rows[i].extensions[j].text; j++) {
            guint at = image->len;

            put_extension(image, rows[i].extensions[j].type, rows[i].extensions[j].text);
            if (rows[i].extensions[j].len)
                set_be(image, at + 4, rows[i].extensions[j].len, 4);
        }
        ck_assert_msg(probe_exact(image, image->len, IMAGE_FORMAT_QCOW2, &facts), "%s",
                      rows[i].name);
        ck_assert_msg(g_strcmp0(facts.data_file, rows[i].data_file) == 0, "%s: %s", rows[i].name,
                      facts.data_file);
    }
}
END_TEST

START_TEST(test_other_formats)
{
    const struct {
        const char *name;
        GByteArray *image;
        ImageFormat format;
        const char *backing;
        ImageFormat backing_format;
    } rows[] = {
        {"qcow", build_qcow("b"), IMAGE_FORMAT_QCOW, "b", IMAGE_FORMAT_AUTO},
        {"qcow without", build_qcow(NULL), IMAGE_FORMAT_QCOW, NULL, 0},
        {"qcow2 declared qcow has no extensions", build_qcow2(&(Qcow2){3, "b", "raw", NULL}),
         IMAGE_FORMAT_QCOW, "b", IMAGE_FORMAT_AUTO},
        {"qcow2 declared raw", build_qcow2(&(Qcow2){3, "b", "raw", "d"}), IMAGE_FORMAT_RAW, NULL,
         0},
        {"qcow2 declared iso", build_qcow2(&(Qcow2){3, "b", "raw", "d"}), IMAGE_FORMAT_ISO, NULL,
         0},
        {"qed", build_qed("b", 1), IMAGE_FORMAT_QED, "b", IMAGE_FORMAT_AUTO_SAFE},
        {"qed on raw", build_qed("b", 5), IMAGE_FORMAT_QED, "b", IMAGE_FORMAT_RAW},
        {"qed without", build_qed("b", 4), IMAGE_FORMAT_QED, NULL, 0},
        {"vmdk", build_vmdk("parentFileNameHint=\"b\"\n"), IMAGE_FORMAT_VMDK, "b",
         IMAGE_FORMAT_AUTO},
        {"vmdk without", build_vmdk("# Disk DescriptorFile\n"), IMAGE_FORMAT_VMDK, NULL, 0},
        {"vmdk empty", build_vmdk("parentFileNameHint=\"\"\n"), IMAGE_FORMAT_VMDK, NULL, 0},
        {"vmdk not closed", build_vmdk("parentFileNameHint=\"b"), IMAGE_FORMAT_VMDK, NULL, 0},
        {"cow", build_cow("b"), IMAGE_FORMAT_COW, "b", IMAGE_FORMAT_NONE},
        {"cow without", build_cow(""), IMAGE_FORMAT_COW, NULL, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(ImageFacts) facts = {0};

        ck_assert_msg(probe_exact(rows[i].image, rows[i].image->len, rows[i].format, &facts), "%s",
                      rows[i].name);
        ck_assert_msg(g_strcmp0(facts.backing, rows[i].backing) == 0, "%s: %s", rows[i].name,
                      facts.backing);
        ck_assert_msg(!rows[i].backing || facts.backing_format == rows[i].backing_format,
                      "%s: format %u", rows[i].name, facts.backing_format);
        ck_assert_msg(!facts.data_file, "%s", rows[i].name);
        g_byte_array_unref(rows[i].image);
    }
}
END_TEST

START_TEST(test_vmdk_size)
{
    g_autoptr(GByteArray) image = build_vmdk("parentFileNameHint=\"b\"");
    g_auto(ImageFacts) facts = {0};

    /* A size in sectors that is none in bytes: libvirt looks no further, and so never into the
     * descriptor files that are text from their first byte. */
    set_be(image, 12, G_MAXUINT64, 8);
    ck_assert(probe_exact(image, image->len, IMAGE_FORMAT_VMDK, &facts));
    ck_assert_ptr_null(facts.backing);
}
END_TEST

START_TEST(test_encryption)
{
    static const struct {
        const char *name;
        ImageFormat format;
        guint at;
        guint64 value;
        guint width;
        const char *encryption;
    } rows[] = {
        {"qcow2 none", IMAGE_FORMAT_QCOW2, 32, 0, 4, NULL},
        {"qcow2 AES", IMAGE_FORMAT_QCOW2, 32, 1, 4, "qcow"},
        {"qcow2 LUKS", IMAGE_FORMAT_QCOW2, 32, 2, 4, "luks"},
        {"qcow2 unknown", IMAGE_FORMAT_QCOW2, 32, 3, 4, NULL},
        {"qcow AES", IMAGE_FORMAT_QCOW, 36, 1, 4, "qcow"},
        {"raw LUKS", IMAGE_FORMAT_RAW, 0, 0x4c554b53babe0001, 8, "luks"},
        {"raw LUKS 2", IMAGE_FORMAT_RAW, 0, 0x4c554b53babe0002, 8, NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) image = build_qcow2(&(Qcow2){0});
        g_auto(ImageFacts) facts = {0};

        set_be(image, rows[i].at, rows[i].value, rows[i].width);
        ck_assert_msg(probe_exact(image, image->len, rows[i].format, &facts), "%s", rows[i].name);
        ck_assert_msg(g_strcmp0(facts.encryption, rows[i].encryption) == 0, "%s: %s", rows[i].name,
                      facts.encryption);
    }
}
END_TEST

START_TEST(test_format_none)
{
    g_auto(ImageFacts) facts = {0};

    ck_assert(!image_probe(NULL, 0, IMAGE_FORMAT_NONE, &facts));
    ck_assert(image_probe(NULL, 0, IMAGE_FORMAT_AUTO, &facts));
    ck_assert_int_eq(facts.format, IMAGE_FORMAT_RAW);
}
END_TEST

static GPtrArray *
valid_images(void)
{
    GPtrArray *images = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);

    g_ptr_array_add(images, build_qcow2(&(Qcow2){3, "back", "qcow2", "data"}));
    g_ptr_array_add(images, build_qcow2(&(Qcow2){2, "back", "raw", NULL}));
    g_ptr_array_add(images, build_qcow("back"));
    g_ptr_array_add(images, build_qed("back", 1));
    g_ptr_array_add(images, build_vmdk("parentFileNameHint=\"back\""));
    g_ptr_array_add(images, build_cow("back"));
    return images;
}

/* No answer is larger than the image, whatever it says of itself. */
static void
probe_all_ways(const GByteArray *image, gsize len)
{
    for (int format = IMAGE_FORMAT_NONE; format <= IMAGE_FORMAT_AUTO_SAFE; format++) {
        g_auto(ImageFacts) facts = {0};

        probe_exact(image, len, (ImageFormat)format, &facts);
        ck_assert(!facts.backing || strlen(facts.backing) <= len);
        ck_assert(!facts.data_file || strlen(facts.data_file) <= len);
    }
}

START_TEST(test_every_truncation)
{
    g_autoptr(GPtrArray) images = valid_images();

    for (guint i = 0; i < images->len; i++) {
        const GByteArray *image = g_ptr_array_index(images, i);
        g_auto(ImageFacts) facts = {0};

        for (gsize len = 0; len <= image->len; len++)
            probe_all_ways(image, len);
        ck_assert(probe_exact(image, image->len, IMAGE_FORMAT_AUTO, &facts));
        ck_assert_str_eq(facts.backing, "back");
    }
}
END_TEST

START_TEST(test_random_mutations)
{
    static const guint32 values[] = {0, 1, 7, 8, 72, 100, 104, 1023, 1024, 0x7fffffff, 0xffffffff};
    g_autoptr(GPtrArray) images = valid_images();
    g_autoptr(GRand) random = g_rand_new_with_seed(12080);

    for (int round = 0; round < 5000; round++) {
        const GByteArray *valid =
            g_ptr_array_index(images, g_rand_int_range(random, 0, (gint32)images->len));
        g_autoptr(GByteArray) image = g_byte_array_new();

        g_byte_array_append(image, valid->data, valid->len);
        for (int changes = g_rand_int_range(random, 1, 5); changes > 0; changes--) {
            guint at = (guint)g_rand_int_range(random, 0, (gint32)MIN(image->len - 4, 160));

            if (g_rand_boolean(random))
                image->data[at] = (guint8)g_rand_int(random);
            else
                set_be(image, at, values[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(values))],
                       4);
        }
        probe_all_ways(image, image->len);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("image");
    TCase *tc = tcase_create("image");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_format_names);
    tcase_add_test(tc, test_found_formats);
    tcase_add_test(tc, test_qcow2);
    tcase_add_test(tc, test_qcow2_extensions);
    tcase_add_test(tc, test_other_formats);
    tcase_add_test(tc, test_vmdk_size);
    tcase_add_test(tc, test_encryption);
    tcase_add_test(tc, test_format_none);
    tcase_add_test(tc, test_every_truncation);
    tcase_add_test(tc, test_random_mutations);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
