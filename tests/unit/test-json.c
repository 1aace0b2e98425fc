/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/json.h"

#include "launcher-fixture.h"

/* Deep enough for every row but those about depth. */
#define DEPTH 8

/* Bytes that are enough for the tokens of a row, spelt out. */
#define TOKENS_BYTES 512

/*
 * Tokens as text: the brackets as they are, "k" before a key, "s" before a string, "n" before a number,
 * "w" before a word, "." at the end, "!" where it is invalid. Each row is read to its end.
 */
static const struct {
    const char *name;
    const char *document;
    const char *tokens;
} rows[] = {
    {"object", "{}", "{ } ."},
    {"array", "[]", "[ ] ."},
    {"space everywhere", " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n",
     "{ ka [ n1 n2 ] kb { } } ."},
    {"no space", "{\"a\":[1,2],\"b\":{}}", "{ ka [ n1 n2 ] kb { } } ."},
    {"inside one another", "[[[]],{\"a\":[{}]}]", "[ [ [ ] ] { ka [ { } ] } ] ."},
    {"string alone", "\"x\"", "sx ."},
    {"number alone", "12", "n12 ."},
    {"words", "[true,false,null]", "[ wtrue wfalse wnull ] ."},
    {"numbers", "[0,-0,10,-1.5e+3,1E-2,0.0]", "[ n0 n-0 n10 n-1.5e+3 n1E-2 n0.0 ] ."},
    {"key twice is the caller's", "{\"a\":1,\"a\":2}", "{ ka n1 ka n2 } ."},
    {"empty key and string", "{\"\":\"\"}", "{ k s } ."},
    {"escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s\"\\/\b\f\n\r\t ."},
    {"by number", "\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"",
     "sA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 ."},
    {"the last by number", "\"\\udbff\\udfff\"", "s\xf4\x8f\xbf\xbf ."},
    {"the least control", "\"\\u0001\"", "s\001 ."},
    {"UTF-8", "\"\xc3\xa9\xf0\x9f\x98\x80\"", "s\xc3\xa9\xf0\x9f\x98\x80 ."},
    {"DEL", "\"\177\"", "s\177 ."},
    {"empty", "", "!"},
    {"space alone", " ", "!"},
    {"more behind it", "{} x", "{ } !"},
    {"two documents", "1 2", "n1 !"},
    {"cut in an object", "{\"a\":1", "{ ka n1 !"},
    {"cut in a string", "\"a", "!"},
    {"cut in an escape", "\"\\", "!"},
    {"cut in a number by hand", "\"\\u00", "!"},
    {"cut in a word", "nul", "!"},
    {"wrong bracket", "[1}", "[ n1 !"},
    {"wrong bracket at once", "{]", "{ !"},
    {"bracket too many", "[]]", "[ ] !"},
    {"comma first", "[,1]", "[ !"},
    {"comma last", "[1,]", "[ n1 !"},
    {"comma last in an object", "{\"a\":1,}", "{ ka n1 !"},
    {"two commas", "[1,,2]", "[ n1 !"},
    {"no comma", "[1 2]", "[ n1 !"},
    {"no colon", "{\"a\" 1}", "{ !"},
    {"no value", "{\"a\":}", "{ ka !"},
    {"no value, comma", "{\"a\":,\"b\":1}", "{ ka !"},
    {"key without quotes", "{a:1}", "{ !"},
    {"key that is a number", "{1:1}", "{ !"},
    {"value in an object alone", "{1}", "{ !"},
    {"key in an array", "[\"a\":1]", "[ sa !"},
    {"single quotes", "'a'", "!"},
    {"comment", "/**/1", "!"},
    {"form feed is no space", "\f1", "!"},
    {"mark of byte order", "\xef\xbb\xbf{}", "!"},
    {"leading zero", "01", "n0 !"},
    {"plus", "+1", "!"},
    {"minus alone", "-", "!"},
    {"no digit before the point", ".5", "!"},
    {"no digit behind it", "1.", "!"},
    {"no digit in the exponent", "1e+", "!"},
    {"two signs", "1e+-1", "!"},
    {"hexadecimal", "0x1", "n0 !"},
    {"not a number", "NaN", "!"},
    {"upper case", "TRUE", "!"},
    {"longer word", "trues", "wtrue !"},
    {"unknown escape", "\"\\q\"", "!"},
    {"escape of a NUL", "\"\\u0000\"", "!"},
    {"lone first half", "\"\\ud83d\"", "!"},
    {"lone second half", "\"\\ude00\"", "!"},
    {"two first halves", "\"\\ud83d\\ud83d\"", "!"},
    {"bad digit", "\"\\u00g0\"", "!"},
    {"line break in a string", "\"a\nb\"", "!"},
    {"control in a string", "\"\037\"", "!"},
    {"not UTF-8", "\"\xff\"", "!"},
    {"longer than the shortest", "\"\xc0\xaf\"", "!"},
    {"surrogate in UTF-8", "\"\xed\xa0\x80\"", "!"},
    {"character that the quote cuts", "\"\xe2\x82\"", "!"},
    {"not UTF-8 in a key", "{\"\xff\":1}", "{ !"},
    {"as deep as may be", "[[[[[[[[]]]]]]]]", "[ [ [ [ [ [ [ [ ] ] ] ] ] ] ] ] ."},
    {"deeper", "[[[[[[[[[]]]]]]]]]", "[ [ [ [ [ [ [ [ !"},
    {"deeper by an object", "[[[[[[[[{}]]]]]]]]", "[ [ [ [ [ [ [ [ !"},
    {"deep again and again", "[[[[[[[[]]]]]]],[[[[[[[]]]]]]]]",
     "[ [ [ [ [ [ [ [ ] ] ] ] ] ] ] [ [ [ [ [ [ [ ] ] ] ] ] ] ] ] ."},
};

static void
add(char *tokens, const char *sign, const char *text)
{
    size_t used = strlen(tokens);

    snprintf(tokens + used, TOKENS_BYTES - used, "%s%s%s", used ? " " : "", sign, text);
}

static JsonToken
spell_next(JsonReader *reader, char *tokens)
{
    JsonToken token = json_next(reader);

    switch (token) {
    case JSON_INVALID:
        add(tokens, "!", "");
        break;
    case JSON_END:
        add(tokens, ".", "");
        break;
    case JSON_OBJECT:
        add(tokens, "{", "");
        break;
    case JSON_OBJECT_END:
        add(tokens, "}", "");
        break;
    case JSON_ARRAY:
        add(tokens, "[", "");
        break;
    case JSON_ARRAY_END:
        add(tokens, "]", "");
        break;
    case JSON_KEY:
        add(tokens, "k", reader->text);
        break;
    case JSON_STRING:
        add(tokens, "s", reader->text);
        break;
    case JSON_NUMBER:
        add(tokens, "n", reader->text);
        break;
    case JSON_WORD:
        add(tokens, "w", reader->text);
        break;
    }
    return token;
}

/* Without a NUL behind it, so that a sanitizer sees one byte too many. */
static char *
without_nul(const char *document, size_t length)
{
    char *copy = malloc(length ? length : 1);

    memcpy(copy, document, length);
    return copy;
}

static JsonToken
spell(const char *document, size_t length, char *tokens)
{
    char *copy = without_nul(document, length);
    JsonReader reader;
    JsonToken token;

    tokens[0] = '\0';
    ck_assert(json_open(&reader, copy, length, DEPTH));
    do
        token = spell_next(&reader, tokens);
    while (token != JSON_END && token != JSON_INVALID);
    /* it stays so */
    ck_assert_int_eq(json_next(&reader), token);
    json_close(&reader);
    free(copy);
    return token;
}

START_TEST(test_tokens)
{
    char tokens[TOKENS_BYTES];

    spell(rows[_i].document, strlen(rows[_i].document), tokens);
    ck_assert_msg(strcmp(tokens, rows[_i].tokens) == 0, "%s: %s", rows[_i].name, tokens);
}
END_TEST

/* Cut at every byte: as many tokens as are whole, and then an end only where a number may end. */
START_TEST(test_cut)
{
    for (size_t length = 0; length < strlen(rows[_i].document); length++) {
        char tokens[TOKENS_BYTES];
        JsonToken token = spell(rows[_i].document, length, tokens);

        ck_assert_msg(token == JSON_INVALID ||
                          strchr("0123456789]}\" \nel", rows[_i].document[length - 1]),
                      "%s cut at %zu: %s", rows[_i].name, length, tokens);
    }
}
END_TEST

START_TEST(test_nul)
{
    static const char in_space[] = "{\0}";
    static const char in_string[] = "\"a\0b\"";
    static const char behind[] = "1\0";
    char tokens[TOKENS_BYTES];

    ck_assert_int_eq(spell(in_space, sizeof(in_space) - 1, tokens), JSON_INVALID);
    ck_assert_int_eq(spell(in_string, sizeof(in_string) - 1, tokens), JSON_INVALID);
    ck_assert_int_eq(spell(behind, sizeof(behind) - 1, tokens), JSON_INVALID);
}
END_TEST

/* Passing over a value leaves the reader behind it, whatever the value is. */
START_TEST(test_skip)
{
    static const struct {
        const char *value;
        bool valid;
    } values[] = {
        {"1", true},           {"\"x\"", true}, {"null", true},
        {"{}", true},          {"[]", true},    {"{\"a\":[1,{\"b\":[[]]}],\"c\":{}}", true},
        {"[[[],[]],2]", true}, {"[1", false},   {"{\"a\":[}", false},
        {"x", false},
    };

    for (size_t i = 0; i < ROWS(values); i++) {
        char document[128];
        char tokens[TOKENS_BYTES] = "";
        JsonReader reader;

        snprintf(document, sizeof(document), "{\"k\":%s,\"l\":7}", values[i].value);
        ck_assert(json_open(&reader, document, strlen(document), DEPTH));
        ck_assert_int_eq(json_next(&reader), JSON_OBJECT);
        ck_assert_int_eq(json_next(&reader), JSON_KEY);
        ck_assert_msg(json_skip(&reader, json_next(&reader)) == values[i].valid, "%s",
                      values[i].value);
        while (spell_next(&reader, tokens) != JSON_END && !strchr(tokens, '!'))
            continue;
        ck_assert_msg(strcmp(tokens, values[i].valid ? "kl n7 } ." : "!") == 0, "%s: %s",
                      values[i].value, tokens);
        json_close(&reader);
    }
}
END_TEST

/* The reader's own bound holds whatever it is asked for. */
START_TEST(test_depth)
{
    char document[2 * (JSON_DEPTH_MAX + 1)];

    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        JsonReader reader;
        JsonToken token;

        memset(document, '[', depth);
        memset(document + depth, ']', depth);
        ck_assert(json_open(&reader, document, 2 * depth, SIZE_MAX));
        do
            token = json_next(&reader);
        while (token != JSON_END && token != JSON_INVALID);
        ck_assert_int_eq(token, depth == JSON_DEPTH_MAX ? JSON_END : JSON_INVALID);
        json_close(&reader);
    }
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("json");

    tcase_add_loop_test(tc, test_tokens, 0, ROWS(rows));
    tcase_add_loop_test(tc, test_cut, 0, ROWS(rows));
    tcase_add_test(tc, test_nul);
    tcase_add_test(tc, test_skip);
    tcase_add_test(tc, test_depth);
    return fixture_run("json", tc);
}
