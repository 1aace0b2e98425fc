/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/description.h"

#include "launcher-fixture.h"

static const struct {
    const char *name;
    const char *text;
    const char *type; /* NULL: there is none */
    const char *binary;
    bool good;
} rows[] = {
    {"Debian's",
     "{\n \"description\": \"virtiofsd\",\n \"type\": \"fs\",\n"
     " \"binary\": \"/usr/libexec/virtiofsd\"\n}\n",
     "fs", "/usr/libexec/virtiofsd", true},
    {"a GPU's",
     "{\"type\":\"gpu\",\"binary\":\"/x\",\"tags\":[\"a\",{\"b\":[[],{}]}],\"n\":-1.5e+3}", "gpu",
     "/x", true},
    {"only inside", "{\"inner\":{\"type\":\"fs\",\"binary\":\"/x\"}}", NULL, NULL, true},
    {"in an array", "{\"a\":[{\"type\":\"fs\"}],\"binary\":\"/y\"}", NULL, "/y", true},
    {"empty object", " { } ", NULL, NULL, true},
    {"words", "{\"a\":true,\"b\":false,\"c\":null,\"type\":\"fs\"}", "fs", NULL, true},
    {"escapes", "{\"binary\":\"\\/a\\u0041\\u00e9\\ud83d\\ude00\\\"\\\\\\t\"}", NULL,
     "/aA\xc3\xa9\xf0\x9f\x98\x80\"\\\t", true},
    {"escaped key", "{\"\\u0074ype\":\"fs\"}", "fs", NULL, true},
    {"empty", "", NULL, NULL, false},
    {"an array", "[\"type\"]", NULL, NULL, false},
    {"a string", "\"fs\"", NULL, NULL, false},
    {"cut in a string", "{\"type\":\"f", NULL, NULL, false},
    {"cut in an escape", "{\"type\":\"\\", NULL, NULL, false},
    {"cut in unicode", "{\"type\":\"\\u00", NULL, NULL, false},
    {"cut after a key", "{\"type\"", NULL, NULL, false},
    {"cut after a colon", "{\"type\":", NULL, NULL, false},
    {"cut in an array", "{\"a\":[1,", NULL, NULL, false},
    {"not closed", "{\"type\":\"fs\"", NULL, NULL, false},
    {"more after it", "{\"type\":\"fs\"} x", NULL, NULL, false},
    {"trailing comma", "{\"type\":\"fs\",}", NULL, NULL, false},
    {"trailing comma in an array", "{\"a\":[1,]}", NULL, NULL, false},
    {"no comma", "{\"a\":1 \"b\":2}", NULL, NULL, false},
    {"no comma in an array", "{\"a\":[1 2]}", NULL, NULL, false},
    {"wrong bracket", "{\"a\":[1}}", NULL, NULL, false},
    {"key is no string", "{a:1}", NULL, NULL, false},
    {"type twice", "{\"type\":\"gpu\",\"type\":\"fs\"}", NULL, NULL, false},
    {"type is no string", "{\"type\":1}", NULL, NULL, false},
    {"binary is no string", "{\"binary\":[\"/x\"]}", NULL, NULL, false},
    {"NUL in a string", "{\"binary\":\"/x\\u0000y\"}", NULL, NULL, false},
    {"lone surrogate", "{\"binary\":\"\\ud83d\"}", NULL, NULL, false},
    {"low surrogate first", "{\"binary\":\"\\ude00\"}", NULL, NULL, false},
    {"bad surrogate pair", "{\"binary\":\"\\ud83d\\u0041\"}", NULL, NULL, false},
    {"line break in a string", "{\"binary\":\"a\nb\"}", NULL, NULL, false},
    {"unknown escape", "{\"binary\":\"\\x\"}", NULL, NULL, false},
    {"single quotes", "{'type':'fs'}", NULL, NULL, false},
    {"a comment", "{/**/}", NULL, NULL, false},
    {"leading zero", "{\"a\":01}", NULL, NULL, false},
    {"number without digits", "{\"a\":-}", NULL, NULL, false},
    {"fraction without digits", "{\"a\":1.}", NULL, NULL, false},
    {"exponent without digits", "{\"a\":1e}", NULL, NULL, false},
    {"half a word", "{\"a\":tru}", NULL, NULL, false},
};

START_TEST(test_documents)
{
    const char *name = rows[_i].name;
    size_t length = strlen(rows[_i].text);
    /* without a NUL behind it, so that a sanitizer sees one byte too many */
    char *text = malloc(length ? length : 1);
    char *type = NULL;
    char *binary = NULL;

    memcpy(text, rows[_i].text, length);
    ck_assert_msg(description_parse(text, length, &type, &binary) == rows[_i].good, "%s", name);
    ck_assert_msg(!type == !rows[_i].type && !binary == !rows[_i].binary, "%s", name);
    ck_assert_msg(!type || strcmp(type, rows[_i].type) == 0, "%s: %s", name, type);
    ck_assert_msg(!binary || strcmp(binary, rows[_i].binary) == 0, "%s: %s", name, binary);
    free(type);
    free(binary);
    free(text);
}
END_TEST

/* Every document, cut at every byte: never good unless the whole is, and never read past the end. */
START_TEST(test_cut)
{
    for (size_t length = 0; length < strlen(rows[_i].text); length++) {
        char *text = malloc(length ? length : 1);
        char *type = NULL;
        char *binary = NULL;

        memcpy(text, rows[_i].text, length);
        if (description_parse(text, length, &type, &binary))
            ck_assert_msg(text[length - 1] == '}' || text[length - 1] == ' ' ||
                              text[length - 1] == '\n',
                          "%s cut at %zu", rows[_i].name, length);
        free(type);
        free(binary);
        free(text);
    }
}
END_TEST

START_TEST(test_limits)
{
    static const char head[] = "{\"a\":";
    char *type = NULL;
    char *binary = NULL;
    char *text = malloc(DESCRIPTION_MAX_BYTES + 1);

    ck_assert_ptr_nonnull(text);
    for (size_t depth = DESCRIPTION_MAX_DEPTH; depth <= DESCRIPTION_MAX_DEPTH + 1; depth++) {
        size_t length = strlen(head);

        memcpy(text, head, length);
        memset(text + length, '[', depth);
        memset(text + length + depth, ']', depth);
        text[length + 2 * depth] = '}';
        ck_assert_int_eq(description_parse(text, length + 2 * depth + 1, &type, &binary),
                         depth == DESCRIPTION_MAX_DEPTH);
    }
    memset(text, ' ', DESCRIPTION_MAX_BYTES + 1);
    text[0] = '{';
    text[1] = '}';
    ck_assert(description_parse(text, DESCRIPTION_MAX_BYTES, &type, &binary));
    ck_assert(!description_parse(text, DESCRIPTION_MAX_BYTES + 1, &type, &binary));
    text[2] = '\0';
    ck_assert(!description_parse(text, 4, &type, &binary));
    free(text);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("description");

    tcase_add_loop_test(tc, test_documents, 0, ROWS(rows));
    tcase_add_loop_test(tc, test_cut, 0, ROWS(rows));
    tcase_add_test(tc, test_limits);
    return fixture_run("description", tc);
}
