/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/image-name.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define PARENT "/dir/top"

typedef struct {
    const char *name;
    ImageNameKind kind;
    const char *path;
} Row;

static const Row paths[] = {
    {"/a/b", IMAGE_NAME_FILE, "/a/b"},
    {"/a:b", IMAGE_NAME_FILE, "/a:b"},
    {"base", IMAGE_NAME_FILE, "/dir/base"},
    {"../base", IMAGE_NAME_FILE, "/dir/../base"},
    {"./a:b", IMAGE_NAME_FILE, "/dir/./a:b"},
    {"", IMAGE_NAME_FILE, "/dir/"},
    {"a\nb\x01\xff", IMAGE_NAME_FILE, "/dir/a\nb\x01\xff"},
    {"a:b", IMAGE_NAME_INVALID, NULL},
    {"file:/a", IMAGE_NAME_INVALID, NULL},
    {"file:///a", IMAGE_NAME_INVALID, NULL},
    {"fat:/a", IMAGE_NAME_DIRECTORY, "/a"},
};

static const Row remotes[] = {
    {"nbd:h:1", IMAGE_NAME_REMOTE, NULL},
    {"nbd:h:1:exportname=a b", IMAGE_NAME_REMOTE, NULL},
    {"nbd:[::1]:1", IMAGE_NAME_REMOTE, NULL},
    {"nbd:unix:/s", IMAGE_NAME_REMOTE, NULL},
    {"nbd:unix:", IMAGE_NAME_INVALID, NULL},
    {"nbd:h", IMAGE_NAME_INVALID, NULL},
    {"nbd::1", IMAGE_NAME_INVALID, NULL},
    {"nbd:h:65536", IMAGE_NAME_INVALID, NULL},
    {"nbd:h:x", IMAGE_NAME_INVALID, NULL},
    {"nbd:h:-1", IMAGE_NAME_INVALID, NULL},
    {"nbd:", IMAGE_NAME_INVALID, NULL},
    {"rbd:p/i", IMAGE_NAME_REMOTE, NULL},
    {"rbd:p/i:id=a:conf=b", IMAGE_NAME_REMOTE, NULL},
    {"rbd:p/i:id=a:id=b", IMAGE_NAME_INVALID, NULL},
    {"rbd:p/i:id=a\\:id=b", IMAGE_NAME_REMOTE, NULL},
    {"rbd:p/i:\\", IMAGE_NAME_REMOTE, NULL},
    {"sheepdog:x", IMAGE_NAME_INVALID, NULL},
    {"http://h/x", IMAGE_NAME_REMOTE, NULL},
    {"https://h:1/x?q=/?#f[]", IMAGE_NAME_REMOTE, NULL},
    {"http://[::1]:1/x", IMAGE_NAME_REMOTE, NULL},
    {"http://[::1/x", IMAGE_NAME_INVALID, NULL},
    {"http://h:/x", IMAGE_NAME_INVALID, NULL},
    {"http://h:99999999999/x", IMAGE_NAME_INVALID, NULL},
    {"http://u:p@h/x", IMAGE_NAME_UNUSABLE, NULL},
    {"http://h/a b", IMAGE_NAME_INVALID, NULL},
    {"http://h/%41", IMAGE_NAME_REMOTE, NULL},
    {"http://h/%4", IMAGE_NAME_INVALID, NULL},
    {"http://h/\xff", IMAGE_NAME_INVALID, NULL},
    {"HTTP://h/x", IMAGE_NAME_INVALID, NULL},
    {"nbd+unix:///?socket=/s", IMAGE_NAME_REMOTE, NULL},
    {"nbd+smoke://h/x", IMAGE_NAME_INVALID, NULL},
    {"gluster://h/v/x", IMAGE_NAME_REMOTE, NULL},
    {"gluster://h/v", IMAGE_NAME_INVALID, NULL},
    {"://", IMAGE_NAME_INVALID, NULL},
    {"nbd:x://", IMAGE_NAME_REMOTE, NULL},
};

#define FILE_A "\"driver\": \"file\", \"filename\": \"/a\""

static const Row json[] = {
    {"json:{" FILE_A "}", IMAGE_NAME_FILE, "/a"},
    {"json: {" FILE_A "} \n", IMAGE_NAME_FILE, "/a"},
    {"json:{\"file\": {" FILE_A "}}", IMAGE_NAME_FILE, "/a"},
    {"json:{\"file.driver\": \"file\", \"file.filename\": \"/a\"}", IMAGE_NAME_FILE, "/a"},
    {"json:{\"file\": {\"filename\": \"/a\"}, \"file.driver\": \"file\"}", IMAGE_NAME_FILE, "/a"},
    {"json:{\"file.driver\": \"file\", \"file\": {\"filename\": \"/a\"}}", IMAGE_NAME_INVALID,
     NULL},
    {"json:{\"driver\": \"raw\", \"file\": {" FILE_A "}}", IMAGE_NAME_FILE, "/a"},
    {"json:{\"driver\": \"raw\", \"offset\": 0, \"size\": 512, \"file\": {" FILE_A "}}",
     IMAGE_NAME_FILE, "/a"},
    {"json:{\"driver\": \"raw\", \"offset\": \"0\", \"file\": {" FILE_A "}}", IMAGE_NAME_INVALID,
     NULL},
    {"json:{\"driver\": \"raw\", \"file\": {\"driver\": \"raw\", \"file\": {" FILE_A "}}}",
     IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"raw\", \"file\": \"node\"}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"qcow2\", \"file\": {" FILE_A "}}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"file\", \"filename\": \"a\"}", IMAGE_NAME_FILE, "a"},
    {"json:{\"driver\": \"file\", \"filename\": 1}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"file\"}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"host_device\", \"filename\": \"/a\"}", IMAGE_NAME_DEVICE, "/a"},
    {"json:{\"driver\": \"host_cdrom\", \"filename\": \"/a\"}", IMAGE_NAME_DEVICE, "/a"},
    {"json:{\"driver\": \"nbd\", \"host\": \"h\"}", IMAGE_NAME_REMOTE, NULL},
    {"json:{\"driver\": \"nbd\", \"server.type\": \"unix\"}", IMAGE_NAME_REMOTE, NULL},
    {"json:{\"driver\": \"nbd\"}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"https\", \"url\": \"https://h/x\"}", IMAGE_NAME_REMOTE, NULL},
    {"json:{\"driver\": \"https\", \"url\": \"http://h/x\"}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"https\", \"url\": \"https://u@h/x\"}", IMAGE_NAME_UNUSABLE, NULL},
    {"json:{\"driver\": \"https\"}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"driver\": \"gluster\", \"volume\": \"v\", \"path\": \"p\", \"server\": [{}]}",
     IMAGE_NAME_REMOTE, NULL},
    {"json:{\"driver\": \"ssh\", \"path\": \"p\", \"host\": \"h\"}", IMAGE_NAME_REMOTE, NULL},
    {"json:{\"driver\": \"rbd\", \"filename\": \"p/i\"}", IMAGE_NAME_REMOTE, NULL},
    {"json:{\"driver\": \"nvme\", \"device\": \"0000:01:00.0\", \"namespace\": 1}",
     IMAGE_NAME_REMOTE, NULL},
    {"json:{\"driver\": \"other\", \"filename\": \"/a\"}", IMAGE_NAME_INVALID, NULL},
    {"json:{\"filename\": \"/a\"}", IMAGE_NAME_INVALID, NULL},
};

/* What follows the members of a good name: each must spoil it, or not. */
static const struct {
    const char *more;
    gboolean valid;
} grammar[] = {
    {"}", TRUE},
    {", \"x\": [1, {\"y\": null}, true, false, [], {}]}", TRUE},
    {", \"x\": -1.5e+3}", TRUE},
    {", \"x\": \"\\u00e4\\ud83d\\ude00\\\\\\/\\b\"}", TRUE},
    {", \"x..y\": 1}", TRUE},
    {", \"\": 1}", TRUE},
    {"", FALSE},
    {"} x", FALSE},
    {",}", FALSE},
    {", \"x\"}", FALSE},
    {", \"x\": }", FALSE},
    {", x: 1}", FALSE},
    {", 'x': 1}", FALSE},
    {", \"x\": 01}", FALSE},
    {", \"x\": 1.}", FALSE},
    {", \"x\": +1}", FALSE},
    {", \"x\": -}", FALSE},
    {", \"x\": NaN}", FALSE},
    {", \"x\": TRUE}", FALSE},
    {", \"x\": \"\\q\"}", FALSE},
    {", \"x\": \"\\u12\"}", FALSE},
    {", \"x\": \"\\ud83d\"}", FALSE},
    {", \"x\": \"\\ude00\"}", FALSE},
    {", \"x\": \"\\u0000\"}", FALSE},
    {", \"x\": \"\n\"}", FALSE},
    {", \"x\": \"\xff\"}", FALSE},
    {", \"x\": \"\\", FALSE},
    {", \"x\": [1,]}", FALSE},
    {", \"x\": [1}", FALSE},
    {", \"driver\": \"file\"}", FALSE},
    {", \"driver.x\": 1}", FALSE},
    {", /* x */ \"x\": 1}", FALSE},
};

static void
check_name(const char *name, ImageNameKind kind, const char *path)
{
    g_autofree char *found = NULL;
    ImageNameKind is = image_name_parse(name, PARENT, &found);

    ck_assert_msg(is == kind, "%s: kind %d", name, (int)is);
    ck_assert_msg(g_strcmp0(found, path) == 0, "%s: %s", name, found);
}

static void
check_rows(const Row *rows, gsize n)
{
    for (gsize i = 0; i < n; i++)
        check_name(rows[i].name, rows[i].kind, rows[i].path);
}

START_TEST(test_paths)
{
    g_autofree char *path = NULL;

    check_rows(paths, G_N_ELEMENTS(paths));
    ck_assert_int_eq(image_name_parse("base", "/top", &path), IMAGE_NAME_FILE);
    ck_assert_str_eq(path, "/base");
}
END_TEST

START_TEST(test_remotes)
{
    check_rows(remotes, G_N_ELEMENTS(remotes));
}
END_TEST

START_TEST(test_json)
{
    check_rows(json, G_N_ELEMENTS(json));
}
END_TEST

START_TEST(test_json_grammar)
{
    for (gsize i = 0; i < G_N_ELEMENTS(grammar); i++) {
        g_autofree char *name = g_strconcat("json:{", FILE_A, grammar[i].more, NULL);

        check_name(name, grammar[i].valid ? IMAGE_NAME_FILE : IMAGE_NAME_INVALID,
                   grammar[i].valid ? "/a" : NULL);
    }
}
END_TEST

static char *
repeat(const char *before, const char *text, guint n, const char *after)
{
    GString *out = g_string_new(before);

    while (n-- > 0)
        g_string_append(out, text);
    g_string_append(out, after);
    return g_string_free(out, FALSE);
}

/* Depth, and what grows with the square of the length. */
START_TEST(test_json_bombs)
{
    g_autofree char *deep = repeat("json:", "[", 33000, "");
    g_autofree char *objects = repeat("json:", "{\"a\":", 6000, "");
    g_autofree char *dots = repeat("json:{\"", ".", 33000, "\": 1}");
    g_autofree char *long_key = repeat("json:{\"", "a", 16000, "\": {\"b\": 1}}");
    const char *bombs[] = {deep, objects, dots, long_key};

    for (gsize i = 0; i < G_N_ELEMENTS(bombs); i++)
        check_name(bombs[i], IMAGE_NAME_INVALID, NULL);
}
END_TEST

START_TEST(test_every_truncation)
{
    const char *name = "json:{\"driver\": \"raw\", \"x\": [\"\\u00e4\", 1.5e3, {}, null],"
                       " \"file\": {\"driver\": \"file\", \"filename\": \"/a\"}}";

    check_name(name, IMAGE_NAME_FILE, "/a");
    for (gsize len = strlen("json:"); len < strlen(name); len++) {
        g_autofree char *cut = g_strndup(name, len);

        check_name(cut, IMAGE_NAME_INVALID, NULL);
    }
}
END_TEST

START_TEST(test_random_mutations)
{
    static const char alphabet[] = "{}[]\",:.\\/u0e-+ @%?#\xc3\xa4n";
    static const char *const names[] = {
        "json:{\"driver\": \"raw\", \"file\": {\"driver\": \"file\", \"filename\": \"/a\"}}",
        "json:{\"file.driver\": \"nbd\", \"file.server.0.host\": \"\\u00e4\", \"x\": [1.5e3]}",
        "gluster+tcp://u:p@[::1]:24007/v/x?q=%41#f",
        "nbd:[::1]:10809:exportname=x",
        "rbd:p/i@s:id=a:mon_host=h\\:1",
    };
    g_autoptr(GRand) random = g_rand_new_with_seed(12080);

    for (int round = 0; round < 20000; round++) {
        g_autofree char *name =
            g_strdup(names[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(names))]);
        g_autofree char *path = NULL;

        for (int changes = g_rand_int_range(random, 1, 4); changes > 0; changes--)
            name[g_rand_int_range(random, 0, (gint32)strlen(name))] =
                alphabet[g_rand_int_range(random, 0, (gint32)strlen(alphabet))];
        image_name_parse(name, PARENT, &path);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("image-name");
    TCase *tc = tcase_create("image-name");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_paths);
    tcase_add_test(tc, test_remotes);
    tcase_add_test(tc, test_json);
    tcase_add_test(tc, test_json_grammar);
    tcase_add_test(tc, test_json_bombs);
    tcase_add_test(tc, test_every_truncation);
    tcase_add_test(tc, test_random_mutations);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
