/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/chain.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "image-builder.h"

static char *root;
static Host *host;

/* Puts @image (consumed; NULL: an empty file) at @path of the host. */
static void
put(const char *path, GByteArray *image)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    g_autofree char *directory = g_path_get_dirname(full);

    ck_assert_int_eq(g_mkdir_with_parents(directory, 0755), 0);
    ck_assert(g_file_set_contents(full, image ? (const char *)image->data : "",
                                  image ? (gssize)image->len : 0, NULL));
    if (image)
        g_byte_array_unref(image);
}

static void
put_qcow2(const char *path, const char *backing, const char *format, const char *data_file)
{
    put(path, build_qcow2(&(Qcow2){3, backing, format, data_file}));
}

static void
setup(void)
{
    g_autofree char *fifo = NULL;
    g_autofree char *loop = NULL;

    root = g_dir_make_tmp("test-chain-XXXXXX", NULL);
    ck_assert_ptr_nonnull(root);
    host = host_new(root, NULL);
    ck_assert_ptr_nonnull(host);
    put("/d/raw", NULL);
    put_qcow2("/d/alone", NULL, NULL, NULL);
    put_qcow2("/d/on-raw", "raw", "raw", NULL);
    put_qcow2("/d/with-data", NULL, NULL, "data");
    put_qcow2("/d/bad-name", "smoke:x", "raw", NULL);
    put_qcow2("/d/remote", "nbd:h:1", "raw", NULL);
    put("/d/short", g_byte_array_append(g_byte_array_new(), (const guint8 *)"QFI\xfb\0\0\0\3", 8));
    fifo = g_build_filename(root, "d", "fifo", NULL);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    loop = g_build_filename(root, "d", "link-loop", NULL);
    ck_assert_int_eq(symlink("link-loop", loop), 0);
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", root);

    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&root, g_free);
    g_clear_pointer(&host, host_free);
}

/* The links as "1 /path, 1d /data, …" */
static char *
read_chain(const ChainTop *top, guint max_depth, GPtrArray *warnings)
{
    g_autoptr(GPtrArray) links = host_chain_read(host, top, max_depth, NULL, warnings);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < links->len; i++) {
        const ChainLink *link = g_ptr_array_index(links, i);

        g_string_append_printf(out, "%s%u%s %s", i ? ", " : "", link->depth,
                               link->data_file ? "d" : "", link->path);
    }
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *name;
    Qcow2 top; /* at /d/top */
    const char *links;
    const char *warning; /* (nullable): what one warning has in it; NULL: there is none */
} Row;

static const Row rows[] = {
    {"alone", {0}, "", NULL},
    {"raw", {3, "raw", "raw", NULL}, "1 /d/raw", NULL},
    {"version 2", {2, "raw", "raw", NULL}, "1 /d/raw", NULL},
    {"two", {3, "on-raw", "qcow2", NULL}, "1 /d/on-raw, 2 /d/raw", NULL},
    {"stops where raw is said", {3, "on-raw", "raw", NULL}, "1 /d/on-raw", NULL},
    {"by an absolute name", {3, "/d/on-raw", "qcow2", NULL}, "1 /d/on-raw, 2 /d/raw", NULL},
    {"parts stay as spelt", {3, "../d/./raw", "raw", NULL}, "1 /d/../d/./raw", NULL},
    {"data of the top comes first", {3, "raw", "raw", "data"}, "0d /d/data, 1 /d/raw", NULL},
    {"data of a lower one", {3, "with-data", "qcow2", NULL}, "1 /d/with-data, 1d /d/data", NULL},
    {"data need not be there", {3, NULL, NULL, "/none"}, "0d /none", NULL},
    {"remote data", {3, "raw", "raw", "nbd:h:1"}, "1 /d/raw", NULL},
    {"data that is json",
     {3, NULL, NULL, "json:{\"driver\":\"file\",\"filename\":\"/x\"}"},
     "0d /x",
     NULL},
    {"bad name of data ends it", {3, "raw", "raw", "smoke:x"}, "", "data file"},
    {"so does an empty one", {3, "raw", "raw", ""}, "", "data file"},
    {"and one with a password", {3, "raw", "raw", "ssh://u@h/x"}, "", "data file"},
    {"bad name keeps the top's data", {3, "smoke:x", "raw", "data"}, "0d /d/data", "backing file"},
    {"bad name below takes the image with it", {3, "bad-name", "qcow2", NULL}, "", "/d/bad-name"},
    {"remote ends it", {3, "remote", "qcow2", NULL}, "1 /d/remote", NULL},
    {"no format, raw", {3, "raw", NULL, NULL}, "1 /d/raw", NULL},
    {"no format, alone", {3, "alone", NULL, NULL}, "1 /d/alone", NULL},
    {"no format, has a backing file", {3, "on-raw", NULL, NULL}, "", "format is not given"},
    {"no format, has a data file", {3, "with-data", NULL, NULL}, "", "format is not given"},
    {"missing", {3, "none", "raw", NULL}, "", "/d/none"},
    {"missing below", {3, "none/../on-raw", "qcow2", NULL}, "", "/d/none/../on-raw"},
    {"header too short", {3, "short", "qcow2", NULL}, "1 /d/short", NULL},
    {"directory", {3, "/d", "raw", NULL}, "1 /d", NULL},
    {"directory without a format", {3, "/d", NULL, NULL}, "", "/d"},
    {"directory as FAT", {3, "fat:/d", "raw", NULL}, "1 /d", NULL},
    {"directory as a device",
     {3, "json:{\"driver\":\"host_device\",\"filename\":\"/d\"}", "raw", NULL},
     "",
     "/d"},
    {"pipe", {3, "fifo", "raw", NULL}, "", "neither a file nor a device"},
    {"links that go round", {3, "link-loop", "raw", NULL}, "", "/d/link-loop"},
    {"on itself", {3, "top", "qcow2", NULL}, "1 /d/top", "lies on itself"},
    {"json",
     {3, "json:{\"driver\":\"file\",\"filename\":\"/d/on-raw\"}", "qcow2", NULL},
     "1 /d/on-raw, 2 /d/raw",
     NULL},
    {"json, relative to the working directory",
     {3, "json:{\"driver\":\"file\",\"filename\":\"d/on-raw\"}", "qcow2", NULL},
     "1 d/on-raw, 2 d/raw",
     NULL},
    {"json, no name", {3, "json:{\"driver\":\"file\",\"filename\":\"\"}", "qcow2", NULL}, "", "''"},
    {"out of the host's root", {3, "../../../../etc/hostname", "raw", NULL}, "", "etc/hostname"},
    {"any bytes, which the reporter escapes",
     {3, "./x'\nok: \x1b[2J", "raw", NULL},
     "",
     "/d/./x'\nok: \x1b[2J"},
};

START_TEST(test_chains)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const ChainTop top = {.path = "/d/top", .format = IMAGE_FORMAT_QCOW2};
        g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *links = NULL;

        put("/d/top", build_qcow2(&rows[i].top));
        links = read_chain(&top, LIMIT_CHAIN_DEPTH, warnings);
        ck_assert_msg(g_str_equal(links, rows[i].links), "%s: %s", rows[i].name, links);
        ck_assert_msg(warnings->len == (rows[i].warning ? 1 : 0), "%s: %u warnings", rows[i].name,
                      warnings->len);
        if (rows[i].warning)
            ck_assert_msg(strstr(g_ptr_array_index(warnings, 0), rows[i].warning) != NULL, "%s: %s",
                          rows[i].name, (char *)g_ptr_array_index(warnings, 0));
    }
}
END_TEST

START_TEST(test_tops)
{
    static const struct {
        const char *name;
        ChainTop top;
        const char *links;
    } tops[] = {
        {"declared", {"/d/top", IMAGE_FORMAT_QCOW2, NULL, FALSE}, "0d /d/data, 1 /d/raw"},
        {"raw", {"/d/top", IMAGE_FORMAT_RAW, NULL, FALSE}, ""},
        {"not declared", {"/d/top", IMAGE_FORMAT_NONE, NULL, FALSE}, ""},
        {"never found out", {"/d/top", IMAGE_FORMAT_AUTO, NULL, FALSE}, ""},
        {"nor believed", {"/d/top", IMAGE_FORMAT_AUTO_SAFE, NULL, FALSE}, ""},
        {"data from elsewhere", {"/d/top", IMAGE_FORMAT_QCOW2, NULL, TRUE}, "1 /d/raw"},
        {"not encrypted", {"/d/top", IMAGE_FORMAT_QCOW2, "luks", FALSE}, "0d /d/data, 1 /d/raw"},
        {"encrypted", {"/d/crypt", IMAGE_FORMAT_QCOW2, "qcow", FALSE}, "1 /d/raw"},
        {"not said", {"/d/crypt", IMAGE_FORMAT_QCOW2, NULL, FALSE}, "1 /d/raw"},
        {"encrypted otherwise", {"/d/crypt", IMAGE_FORMAT_QCOW2, "luks", FALSE}, ""},
        {"missing", {"/d/none", IMAGE_FORMAT_QCOW2, NULL, FALSE}, ""},
        {"directory", {"/d", IMAGE_FORMAT_QCOW2, NULL, FALSE}, ""},
        {"pipe", {"/d/fifo", IMAGE_FORMAT_RAW, NULL, FALSE}, ""},
    };
    GByteArray *crypt = build_qcow2(&(Qcow2){3, "raw", "raw", NULL});

    set_be(crypt, 32, 1, 4);
    put("/d/crypt", crypt);
    put_qcow2("/d/top", "raw", "raw", "data");
    for (gsize i = 0; i < G_N_ELEMENTS(tops); i++) {
        g_autofree char *links = read_chain(&tops[i].top, LIMIT_CHAIN_DEPTH, NULL);

        ck_assert_msg(g_str_equal(links, tops[i].links), "%s: %s", tops[i].name, links);
    }
}
END_TEST

/* QED says that its backing file may be probed, and libvirt believes it, data file and all. */
START_TEST(test_other_formats)
{
    static const struct {
        const char *name;
        const char *backing;
        ImageFormat format;
        const char *links;
    } others[] = {
        {"qed follows", "on-raw", IMAGE_FORMAT_QED, "1 /d/on-raw, 2 /d/raw"},
        {"qed and data", "with-data", IMAGE_FORMAT_QED, "1 /d/with-data, 1d /d/data"},
        {"qcow does not", "on-raw", IMAGE_FORMAT_QCOW, ""},
        {"qcow on raw", "raw", IMAGE_FORMAT_QCOW, "1 /d/raw"},
        {"cow has no readable one", "raw", IMAGE_FORMAT_COW, ""},
        {"vmdk on raw", "raw", IMAGE_FORMAT_VMDK, "1 /d/raw"},
        {"vmdk does not follow", "on-raw", IMAGE_FORMAT_VMDK, ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        const ChainTop top = {.path = "/d/top", .format = others[i].format};
        const char *backing = others[i].backing;
        g_autofree char *text = g_strdup_printf("parentFileNameHint=\"%s\"", backing);
        g_autofree char *links = NULL;

        put("/d/top", top.format == IMAGE_FORMAT_QED    ? build_qed(backing, 1)
                      : top.format == IMAGE_FORMAT_QCOW ? build_qcow(backing)
                      : top.format == IMAGE_FORMAT_COW  ? build_cow(backing)
                                                        : build_vmdk(text));
        links = read_chain(&top, LIMIT_CHAIN_DEPTH, NULL);
        ck_assert_msg(g_str_equal(links, others[i].links), "%s: %s", others[i].name, links);
    }
}
END_TEST

static void
put_chain(guint length)
{
    for (guint i = 0; i < length; i++) {
        g_autofree char *path = g_strdup_printf("/c/%u", i);
        g_autofree char *below = g_strdup_printf("%u", i + 1);

        put_qcow2(path, below, "qcow2", NULL);
    }
}

START_TEST(test_depth)
{
    static const struct {
        guint max_depth;
        guint links;
        gboolean warns;
    } depths[] = {{0, 0, FALSE},    {1, 0, TRUE},     {2, 1, TRUE},
                  {199, 198, TRUE}, {200, 199, TRUE}, {201, 200, FALSE}};
    const ChainTop top = {.path = "/c/0", .format = IMAGE_FORMAT_QCOW2};

    put_chain(200);
    put("/c/200", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(depths); i++) {
        g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GPtrArray) links =
            host_chain_read(host, &top, depths[i].max_depth, NULL, warnings);

        ck_assert_msg(links->len == depths[i].links, "depth %u: %u", depths[i].max_depth,
                      links->len);
        ck_assert_msg(warnings->len == (depths[i].warns ? 1 : 0), "depth %u: %u warnings",
                      depths[i].max_depth, warnings->len);
    }
}
END_TEST

/* What was read once is not read again, unless there may be more to see from where it is reached now. */
START_TEST(test_known)
{
    static const struct {
        const char *top;
        guint links;
        guint warnings;
    } disks[] = {
        {"/c/9", 9, 1},  /* to 18 */
        {"/c/9", 0, 0},  /* again */
        {"/c/12", 9, 1}, /* by a shorter way, and so to 21 */
        {"/c/5", 4, 0},  /* to 9, below which all was seen */
        {"/c/7", 2, 0}, /* as far, from nearer: the images below 9 might have been too deep for 5 */
        {"/c/52", 8, 0}, /* to the end */
        {"/c/50", 2, 0}, /* 51 and 52 */
        {"/c/45", 5, 0}, /* to 50: all is known, deep as it is */
        {"/c/49", 0, 0},
    };
    g_autoptr(GHashTable) known = host_chains_new();

    put_chain(60);
    put("/c/60", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(disks); i++) {
        const ChainTop top = {.path = disks[i].top, .format = IMAGE_FORMAT_QCOW2};
        g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GPtrArray) links = host_chain_read(host, &top, 10, known, warnings);

        ck_assert_msg(links->len == disks[i].links && warnings->len == disks[i].warnings,
                      "%" G_GSIZE_FORMAT ": %s: %u links, %u warnings", i, disks[i].top, links->len,
                      warnings->len);
    }
}
END_TEST

/* A name that grows with each turn never repeats; the depth or the kernel's longest path ends it. */
START_TEST(test_growing_loop)
{
    const ChainTop top = {.path = "/d/top", .format = IMAGE_FORMAT_QCOW2};
    g_autoptr(GPtrArray) links = NULL;

    put_qcow2("/d/top", "./top", "qcow2", NULL);
    links = host_chain_read(host, &top, LIMIT_CHAIN_DEPTH, NULL, NULL);
    ck_assert_uint_eq(links->len, LIMIT_CHAIN_DEPTH - 1);
    g_clear_pointer(&links, g_ptr_array_unref);

    put_qcow2("/d/top", "../d/../d/../d/../d/../d/../d/../d/../d/top", "qcow2", NULL);
    links = host_chain_read(host, &top, LIMIT_CHAIN_DEPTH, NULL, NULL);
    ck_assert_uint_gt(links->len, 50);
    ck_assert_uint_lt(links->len, LIMIT_CHAIN_DEPTH - 1);
}
END_TEST

START_TEST(test_unreadable)
{
    const ChainTop top = {.path = "/d/top", .format = IMAGE_FORMAT_QCOW2};
    g_autofree char *secret = g_build_filename(root, "d", "on-raw", NULL);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *links = NULL;

    put_qcow2("/d/top", "on-raw", "qcow2", NULL);
    ck_assert_int_eq(g_chmod(secret, 0), 0);
    links = read_chain(&top, LIMIT_CHAIN_DEPTH, warnings);
    /* root reads it all the same */
    ck_assert_str_eq(links, access(secret, R_OK) == 0 ? "1 /d/on-raw, 2 /d/raw" : "");
    ck_assert_uint_eq(warnings->len, access(secret, R_OK) == 0 ? 0 : 1);
}
END_TEST

START_TEST(test_character_device)
{
    g_autoptr(Host) real = host_new(NULL, NULL);
    g_autofree char *path = g_build_filename(root, "d", "top", NULL);
    const ChainTop top = {.path = path, .format = IMAGE_FORMAT_QCOW2};
    g_autoptr(GPtrArray) links = NULL;

    put_qcow2("/d/top", "/dev/zero", "qcow2", NULL);
    links = host_chain_read(real, &top, LIMIT_CHAIN_DEPTH, NULL, NULL);
    ck_assert_uint_eq(links->len, 1);
    ck_assert_str_eq(((ChainLink *)g_ptr_array_index(links, 0))->path, "/dev/zero");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("chain");
    TCase *tc = tcase_create("chain");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_chains);
    tcase_add_test(tc, test_tops);
    tcase_add_test(tc, test_other_formats);
    tcase_add_test(tc, test_depth);
    tcase_add_test(tc, test_known);
    tcase_add_test(tc, test_growing_loop);
    tcase_add_test(tc, test_unreadable);
    tcase_add_test(tc, test_character_device);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
