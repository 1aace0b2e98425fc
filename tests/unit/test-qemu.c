/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "qemu/chardev.h"
#include "qemu/pairs.h"
#include "qemu/readconfig.h"
#include "qemu/words.h"

/* "KEY=VALUE|KEY=VALUE", of what was read */
static char *
spell(GPtrArray *pairs)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < pairs->len; i++) {
        const QemuPair *pair = g_ptr_array_index(pairs, i);

        g_string_append_printf(out, "%s%s=%s", i ? "|" : "", pair->key, pair->value);
    }
    return g_string_free(out, FALSE);
}

static const struct {
    const char *name;
    const char *text;
    const char *implied;
    const char *pairs; /* NULL: refused */
} lists[] = {
    {"empty", "", NULL, ""},
    {"one", "file=/a", NULL, "file=/a"},
    {"several", "file=/a,format=raw,if=none", NULL, "file=/a|format=raw|if=none"},
    {"doubled comma", "file=/a,,b,format=raw", NULL, "file=/a,b|format=raw"},
    {"doubled comma at the end", "file=/a,,", NULL, "file=/a,"},
    {"three commas", "file=/a,,,format=raw", NULL, "file=/a,|format=raw"},
    {"four commas", "file=/a,,,,b", NULL, "file=/a,,b"},
    {"comma at the end", "file=/a,", NULL, "file=/a"},
    {"equals in the value", "file=/a=b=c", NULL, "file=/a=b=c"},
    {"empty value", "file=,format=raw", NULL, "file=|format=raw"},
    {"quotes are bytes", "file=\"/a b\"", NULL, "file=\"/a b\""},
    {"flag", "local,readonly", "type", "type=local|readonly=on"},
    {"flag that says no", "path=/s,server,nowait", NULL, "path=/s|server=on|wait=off"},
    {"implied", "vfio-pci,host=01:00.0", "driver", "driver=vfio-pci|host=01:00.0"},
    {"implied, with a comma", "/a,,b,server=on", "path", "path=/a,b|server=on"},
    {"implied, but named", "driver=e1000,romfile=/r", "driver", "driver=e1000|romfile=/r"},
    {"only the first is implied", "a,b", "driver", "driver=a|b=on"},
    {"twice", "file=/a,file=/b", NULL, "file=/a|file=/b"},
    {"JSON", "{\"driver\":\"file\",\"filename\":\"/a\"}", "driver", "driver=file|filename=/a"},
    {"JSON, inside one another", "{\"file\":{\"driver\":\"nbd\",\"server\":{\"path\":\"/s\"}}}",
     NULL, "file.driver=nbd|file.server.path=/s"},
    {"JSON, dotted", "{\"file.filename\":\"/a\"}", NULL, "file.filename=/a"},
    {"JSON array", "{\"children\":[{\"file\":\"/a\"},\"b\"]}", NULL,
     "children.0.file=/a|children.1=b"},
    {"JSON commas", "{\"path\":\"/a,,b\"}", NULL, "path=/a,,b"},
    {"JSON escapes", "{\"path\":\"\\/a\\u00e9\\\"\"}", NULL, "path=/a\xc3\xa9\""},
    {"JSON words and numbers", "{\"a\":true,\"b\":false,\"c\":12,\"d\":null}", NULL,
     "a=on|b=off|c=12|d=null"},
    {"JSON, empty", "{}", NULL, ""},
    {"JSON cut off", "{\"a\":\"b\"", NULL, NULL},
    {"JSON with more behind it", "{} ,a=b", NULL, NULL},
    {"JSON in other quotes", "{'a':'b\"\\'c',\"d\":'',\"e\":\"'\"}", NULL, "a=b\"'c|d=|e='"},
    {"JSON in two quotes", "{'a\":1}", NULL, NULL},
    {"JSON in open quotes", "{'a", NULL, NULL},
    {"JSON with a NUL", "{\"a\":\"/b\\u0000c\"}", NULL, NULL},
};

START_TEST(test_lists)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pairs = qemu_pairs_parse(lists[_i].text, lists[_i].implied, &error);
    g_autofree char *spelt = pairs ? spell(pairs) : NULL;

    ck_assert_msg((pairs != NULL) == (error == NULL), "%s", lists[_i].name);
    ck_assert_msg(g_strcmp0(spelt, lists[_i].pairs) == 0, "%s: %s", lists[_i].name, spelt);
}
END_TEST

START_TEST(test_bounds)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GPtrArray) pairs = NULL;
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < LIMIT_QEMU_PAIRS; i++)
        g_string_append(text, "a=b,");
    pairs = qemu_pairs_parse(text->str, NULL, &error);
    ck_assert_uint_eq(pairs->len, LIMIT_QEMU_PAIRS);
    g_string_append(text, "a");
    ck_assert_ptr_null(qemu_pairs_parse(text->str, NULL, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "more than"));
    g_clear_error(&error);

    g_string_assign(text, "{\"");
    for (int i = 0; i < 300; i++)
        g_string_append_c(text, 'k');
    g_string_append(text, "\":1}");
    ck_assert_ptr_null(qemu_pairs_parse(text->str, NULL, &error));
    g_clear_error(&error);

    g_string_assign(text, "");
    for (int i = 0; i < 100; i++)
        g_string_append(text, "{\"a\":");
    ck_assert_ptr_null(qemu_pairs_parse(text->str, NULL, &error));
}
END_TEST

START_TEST(test_get)
{
    g_autoptr(GPtrArray) pairs = qemu_pairs_parse("a=1,b=on,a=2,c=off,d=yes,e", NULL, NULL);

    ck_assert_str_eq(qemu_pairs_get(pairs, "a"), "2");
    ck_assert_ptr_null(qemu_pairs_get(pairs, "f"));
    ck_assert(qemu_pairs_is_on(pairs, "b") && qemu_pairs_is_on(pairs, "d"));
    ck_assert(qemu_pairs_is_on(pairs, "e"));
    ck_assert(!qemu_pairs_is_on(pairs, "a") && !qemu_pairs_is_on(pairs, "c"));
    ck_assert(!qemu_pairs_is_on(pairs, "f"));
}
END_TEST

static const struct {
    const char *text;
    const char *pairs;
} chardevs[] = {
    {"file:/a", "path=/a|backend=file"},
    {"file:/a,b,,c", "path=/a,b,,c|backend=file"},
    {"pipe:/a", "path=/a|backend=pipe"},
    {"unix:/a,,b,server=on,wait=off", "path=/a,b|server=on|wait=off|backend=socket"},
    {"unix:/a,server,nowait", "path=/a|server=on|wait=off|backend=socket"},
    {"/dev/ttyS0", "path=/dev/ttyS0|backend=serial"},
    {"/dev/parport0", "path=/dev/parport0|backend=parallel"},
    {"mon:unix:/a", "path=/a|backend=socket"},
    {"mon:stdio", ""},
    {"tcp:localhost:1234,server", ""},
    {"telnet::4444", ""},
    {"chardev:serial0", ""},
    {"pty", ""},
    {"vc:80Cx24C", ""},
    {"", ""},
};

START_TEST(test_chardevs)
{
    g_autoptr(GPtrArray) pairs = qemu_chardev_parse(chardevs[_i].text, NULL);
    g_autofree char *spelt = spell(pairs);

    ck_assert_msg(g_str_equal(spelt, chardevs[_i].pairs), "%s: %s", chardevs[_i].text, spelt);
}
END_TEST

/* "-with" has an argument, "-alone" has none, and of others nothing is known. */
static int
takes(const char *option)
{
    return g_str_equal(option, "with") ? 1 : g_str_equal(option, "alone") ? 0 : -1;
}

static const struct {
    const char *name;
    const char *words; /* with spaces between them */
    const char *read;  /* AT:KIND:OPTION:ARGUMENT */
} lines[] = {
    {"option and argument", "-with a", "0o:with:a"},
    {"two dashes", "--with a", "0o:with:a"},
    {"argument with a dash", "-with -alone", "0o:with:-alone"},
    {"alone", "-alone -with a", "0a:alone: 1o:with:a"},
    {"alone, and an image", "-alone /a", "0a:alone: 1i::/a"},
    {"not known, with a word behind", "-what a -with b", "0o:what:a 2o:with:b"},
    {"not known, alone", "-what -with b", "0a:what: 1o:with:b"},
    {"not known, the last", "-what", "0a:what:"},
    {"image first", "/a -alone", "0i::/a 1a:alone:"},
    {"argument is missing", "-alone -with", "0a:alone: 1m:with:"},
    {"nothing", "", ""},
    {"dashes alone", "- --", "0a:: 1a::"},
};

START_TEST(test_words)
{
    g_auto(GStrv) words = g_strsplit(lines[_i].words, " ", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    QemuWord word;

    for (guint at = 0;
         qemu_words_next((const char *const *)words, g_strv_length(words), &at, takes, &word);)
        g_string_append_printf(out, "%s%u%c:%s:%s", out->len ? " " : "", word.at, "iaom"[word.kind],
                               word.option, word.argument ? word.argument : "");
    ck_assert_msg(g_str_equal(out->str, lines[_i].read), "%s: %s", lines[_i].name, out->str);
}
END_TEST

START_TEST(test_empty_word)
{
    const char *const words[] = {"-with", "", ""};
    guint at = 0;
    QemuWord word;

    ck_assert(qemu_words_next(words, 3, &at, takes, &word));
    ck_assert_str_eq(word.argument, "");
    ck_assert(qemu_words_next(words, 3, &at, takes, &word));
    ck_assert_int_eq(word.kind, QEMU_WORD_IMAGE);
    ck_assert(!qemu_words_next(words, 3, &at, takes, &word));
}
END_TEST

static const struct {
    const char *name;
    const char *text;
    const char *sections; /* GROUP:PAIRS;… or the end of the message */
    gboolean refused;
} configs[] = {
    {"empty", "", ""},
    {"comments", "# a\n\n  # b\n", ""},
    {"section", "[device \"video\"]\n  driver = \"qxl-vga\"\n  romfile = \"/r\"\n",
     "device:driver=qxl-vga|romfile=/r;"},
    {"no name", "[drive]\nfile=\"/a\"\n", "drive:file=/a;"},
    {"two", "[drive]\nfile = \"/a\"\n[chardev \"c\"]\npath = \"/b\"",
     "drive:file=/a;chardev:path=/b;"},
    {"commas and equals are bytes", "[drive]\nfile = \"/a,b=c\"\n", "drive:file=/a,b=c;"},
    {"Windows line ends", "[drive]\r\nfile = \"/a\"\r\n", "drive:file=/a;"},
    {"no quotes", "[drive]\nfile = /a\n", "line 2", TRUE},
    {"quote not closed", "[drive]\nfile = \"/a\n", "line 2", TRUE},
    {"no section", "file = \"/a\"\n", "line 1", TRUE},
    {"section not closed", "[drive\n", "line 1", TRUE},
    {"section without a name", "[]\n", "line 1", TRUE},
    {"something else", "[drive]\nfile\n", "line 2", TRUE},
};

START_TEST(test_configs)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) sections = qemu_readconfig_parse(configs[_i].text, &error);
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; sections && i < sections->len; i++) {
        const QemuSection *section = g_ptr_array_index(sections, i);
        g_autofree char *spelt = spell(section->pairs);

        g_string_append_printf(out, "%s:%s;", section->group, spelt);
    }
    ck_assert_msg((sections == NULL) == configs[_i].refused, "%s", configs[_i].name);
    if (error)
        g_string_assign(out, error->message);
    ck_assert_msg(configs[_i].refused ? strstr(out->str, configs[_i].sections) != NULL
                                      : g_str_equal(out->str, configs[_i].sections),
                  "%s: %s", configs[_i].name, out->str);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("qemu");
    TCase *tc = tcase_create("qemu");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, test_lists, 0, G_N_ELEMENTS(lists));
    tcase_add_test(tc, test_bounds);
    tcase_add_test(tc, test_get);
    tcase_add_loop_test(tc, test_chardevs, 0, G_N_ELEMENTS(chardevs));
    tcase_add_loop_test(tc, test_words, 0, G_N_ELEMENTS(lines));
    tcase_add_test(tc, test_empty_word);
    tcase_add_loop_test(tc, test_configs, 0, G_N_ELEMENTS(configs));
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
