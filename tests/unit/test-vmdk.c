/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/vmdk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TEXT "# Disk DescriptorFile\n"

static const struct {
    const char *name;
    const char *text;
    gsize cut; /* bytes that are given; 0: all up to the NUL */
    const char *extents;
} cases[] = {
    {"none", TEXT, 0, ""},
    {"flat", TEXT "RW 1 FLAT \"a\" 0\n", 0, "a"},
    {"sparse, no offset, no line end", TEXT "RW 1 SPARSE \"a\"", 0, "a"},
    {"types of VMware's servers",
     TEXT "RW 1 VMFS \"a\"\nRW 1 VMFSSPARSE \"b\"\nRW 1 SESPARSE \"c\"", 0, "a|b|c"},
    {"without a file", TEXT "RW 1 ZERO\nRW 1 ZERO \"a\"", 0, ""},
    {"a type that is not known", TEXT "RW 1 RDMP \"a\"", 0, ""},
    {"not for QEMU", TEXT "RDONLY 1 FLAT \"a\"\nNOACCESS 1 FLAT \"b\"\nrw 1 FLAT \"c\"", 0, ""},
    {"blanks before and between", TEXT " \tRW\t 1  FLAT \t\"a b\" 0", 0, "a b"},
    {"carriage returns", TEXT "RW 1 FLAT \"a\"\r\nRW 1 FLAT \"b\"\r", 0, "a|b"},
    {"no number", TEXT "RW many FLAT \"a\"", 0, ""},
    {"no quotes", TEXT "RW 1 FLAT a", 0, ""},
    {"quote that never ends", TEXT "RW 1 FLAT \"a\nRW 1 FLAT \"b\"", 0, "b"},
    {"empty name", TEXT "RW 1 FLAT \"\"", 0, ""},
    {"words missing", TEXT "RW\nRW 1\nRW 1 FLAT\n", 0, ""},
    {"cut in a name", TEXT "RW 1 FLAT \"abc\"", sizeof(TEXT "RW 1 FLAT \"ab") - 1, ""},
    {"ends at a NUL", TEXT "RW 1 FLAT \"a\"\n\0RW 1 FLAT \"b\"", 60, "a"},
    {"bytes are bytes", TEXT "RW 1 FLAT \"\xff{*\\\"", 0, "\xff{*\\"},
};

START_TEST(test_extents)
{
    gsize len = cases[_i].cut ? cases[_i].cut : strlen(cases[_i].text);
    /* on the heap, so that a sanitizer sees who reads on */
    g_autofree guint8 *bytes = g_malloc0(len);
    g_autoptr(GPtrArray) names = NULL;
    g_autofree char *all = NULL;

    memcpy(bytes, cases[_i].text, MIN(len, strlen(cases[_i].text)));
    names = image_vmdk_extents(bytes, len);
    g_ptr_array_add(names, NULL);
    all = g_strjoinv("|", (char **)names->pdata);
    ck_assert_msg(g_str_equal(all, cases[_i].extents), "%s: '%s'", cases[_i].name, all);
}
END_TEST

START_TEST(test_is_text)
{
    static const struct {
        const char *bytes;
        gboolean is;
    } rows[] = {
        {TEXT, TRUE},
        {"# Disk DescriptorFile", TRUE},
        {"# Disk DescriptorFil", FALSE},
        {"", FALSE},
        {" # Disk DescriptorFile", FALSE},
        {"KDMV", FALSE},
        {"# disk descriptorfile", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        ck_assert_msg(image_is_vmdk_text((const guint8 *)rows[i].bytes, strlen(rows[i].bytes)) ==
                          rows[i].is,
                      "%s", rows[i].bytes);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("vmdk");
    TCase *tc = tcase_create("vmdk");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_extents, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tc, test_is_text);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
