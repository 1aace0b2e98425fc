/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/escape.h"

#include "basic/utf8.h"
#include "launcher-fixture.h"

/* The linter is right about what these characters do: it is why they are here.
 * NOLINTBEGIN(misc-misleading-bidirectional) */
static const struct {
    const char *name;
    const char *text;
    const char *line;
} rows[] = {
    {"nothing", "", ""},
    {"plain", "disk '/a b~': \"x\" \\ %s", "disk '/a b~': \"x\" \\ %s"},
    {"line break", "a\nb", "a\\012b"},
    {"tab and return", "a\tb\r", "a\\011b\\015"},
    {"escape sequence", "\033[2J", "\\033[2J"},
    {"first and last control", "\001\037", "\\001\\037"},
    {"DEL", "a\177b", "a\\177b"},
    {"digits behind it", "\0017", "\\0017"},
    {"once more", "\\012", "\\012"},
    {"two bytes", "\xc3\xa4", "\xc3\xa4"},
    {"three bytes", "\xe2\x82\xac", "\xe2\x82\xac"},
    {"four bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"first of two bytes", "\xc2\xa0", "\xc2\xa0"},
    {"last of two bytes", "\xdf\xbf", "\xdf\xbf"},
    {"first of three bytes", "\xe0\xa0\x80", "\xe0\xa0\x80"},
    {"before the surrogates", "\xed\x9f\xbf", "\xed\x9f\xbf"},
    {"after the surrogates", "\xee\x80\x80", "\xee\x80\x80"},
    {"first of four bytes", "\xf0\x90\x80\x80", "\xf0\x90\x80\x80"},
    {"the last character", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
    {"first of C1", "\xc2\x80", "\\302\\200"},
    {"control sequence of C1", "\xc2\x9b", "\\302\\233"},
    {"last of C1", "\xc2\x9f", "\\302\\237"},
    {"C1 in one byte", "\x9b", "\\233"},
    {"soft hyphen", "a\xc2\xad", "a\\302\\255"},
    {"Arabic letter mark", "\xd8\x9c", "\\330\\234"},
    {"no width", "\xe2\x80\x8b", "\\342\\200\\213"},
    {"joiners stay", "\xe2\x80\x8c\xe2\x80\x8d", "\xe2\x80\x8c\xe2\x80\x8d"},
    {"left-to-right mark", "\xe2\x80\x8e", "\\342\\200\\216"},
    {"before the line separator", "\xe2\x80\xa7", "\xe2\x80\xa7"},
    {"line separator", "\xe2\x80\xa8", "\\342\\200\\250"},
    {"paragraph separator", "\xe2\x80\xa9", "\\342\\200\\251"},
    {"first embedding", "\xe2\x80\xaa", "\\342\\200\\252"},
    {"override", "/a\xe2\x80\xaegpj", "/a\\342\\200\\256gpj"},
    {"behind the overrides", "\xe2\x80\xaf", "\xe2\x80\xaf"},
    {"first isolate", "\xe2\x81\xa6", "\\342\\201\\246"},
    {"last isolate", "\xe2\x81\xa9", "\\342\\201\\251"},
    {"behind the old controls", "\xe2\x81\xb0", "\xe2\x81\xb0"},
    {"byte order mark", "\xef\xbb\xbf", "\\357\\273\\277"},
    {"a tag", "\xf3\xa0\x81\x81", "\\363\\240\\201\\201"},
    {"no UTF-8", "a\xff\xfe", "a\\377\\376"},
    {"continuation alone", "\xa4x", "\\244x"},
    {"cut at the end", "\xe2\x82", "\\342\\202"},
    {"cut by another", "\xe2\x82\xc3\xa4", "\\342\\202\xc3\xa4"},
    {"cut by a control", "\xe2\x82\n", "\\342\\202\\012"},
    {"slash in two bytes", "\xc0\xaf", "\\300\\257"},
    {"too long, two bytes", "\xc1\xbf", "\\301\\277"},
    {"too long, three bytes", "\xe0\x9f\xbf", "\\340\\237\\277"},
    {"too long, four bytes", "\xf0\x8f\xbf\xbf", "\\360\\217\\277\\277"},
    {"first surrogate", "\xed\xa0\x80", "\\355\\240\\200"},
    {"last surrogate", "\xed\xbf\xbf", "\\355\\277\\277"},
    {"above the last", "\xf4\x90\x80\x80", "\\364\\220\\200\\200"},
    {"five bytes", "\xf8\x88\x80\x80\x80", "\\370\\210\\200\\200\\200"},
};
/* NOLINTEND(misc-misleading-bidirectional) */

START_TEST(test_lines)
{
    const char *name = rows[_i].name;
    size_t size = ESCAPE_BYTES(strlen(rows[_i].text));
    char *line = malloc(size);
    char *again = malloc(ESCAPE_BYTES(size));
    size_t length = escape_line(rows[_i].text, line, size);

    ck_assert_msg(strcmp(line, rows[_i].line) == 0, "%s: %s", name, line);
    ck_assert_msg(length == strlen(line), "%s: %zu", name, length);
    escape_line(line, again, ESCAPE_BYTES(size));
    ck_assert_msg(strcmp(line, again) == 0, "%s: twice it is %s", name, again);
    free(again);
    free(line);
}
END_TEST

/* In every buffer that is too small: a beginning of the line, cut between two characters. */
START_TEST(test_cut)
{
    const char *name = rows[_i].name;
    size_t whole = strlen(rows[_i].line);

    for (size_t size = 1; size <= whole; size++) {
        char *line = malloc(size); /* so that a sanitizer sees one byte too many */
        char *again = malloc(ESCAPE_BYTES(size));
        size_t length = escape_line(rows[_i].text, line, size);

        ck_assert_msg(length == whole, "%s in %zu bytes: %zu", name, size, length);
        ck_assert_msg(strncmp(rows[_i].line, line, strlen(line)) == 0, "%s in %zu bytes: %s", name,
                      size, line);
        ck_assert_msg(strlen(line) + 4 * UTF8_BYTES >= size, "%s in %zu bytes: %s", name, size,
                      line);
        escape_line(line, again, ESCAPE_BYTES(size));
        ck_assert_msg(strcmp(line, again) == 0, "%s in %zu bytes: half a character", name, size);
        free(again);
        free(line);
    }
}
END_TEST

/* Every character there is goes in and comes out again, and nothing else does. */
START_TEST(test_characters)
{
    for (uint32_t character = 0; character <= 0x10ffff; character++) {
        char bytes[UTF8_BYTES];
        uint32_t found = ~character;
        size_t n = utf8_encode(character, bytes);
        size_t read = utf8_decode(bytes, bytes + n, &found);

        if (character >= 0xd800 && character <= 0xdfff)
            ck_assert_msg(read == 0, "surrogate %x is read", character);
        else
            ck_assert_msg(read == n && found == character, "%x: %x, %zu bytes of %zu", character,
                          found, read, n);
        for (size_t cut = 1; cut < n; cut++)
            ck_assert_msg(utf8_decode(bytes, bytes + cut, &found) == 0, "%x in %zu bytes",
                          character, cut);
    }
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("escape");

    tcase_add_loop_test(tc, test_lines, 0, ROWS(rows));
    tcase_add_loop_test(tc, test_cut, 0, ROWS(rows));
    tcase_add_test(tc, test_characters);
    return fixture_run("escape", tc);
}
