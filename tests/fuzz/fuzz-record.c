/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * The launcher's trust in a record begins with its bytes. There is one way to write a record, so what the
 * grammar accepts comes out of its writer as it went in; and what is taken for the record of a socket says
 * the same when it is written and read again.
 */

#include <string.h>

#include "fuzz/fuzz.h"
#include "virtiofsd/fields.h"
#include "virtiofsd/label.h"
#include "virtiofsd/record.h"

#define HEADER "virt-aa-virtiofs 1"

static void
check_fields(const char *text, gsize size)
{
    AUTO_FIELDS_READER FieldsReader reader;
    AUTO_FIELDS_WRITER FieldsWriter writer;
    Failure failure;
    FieldsStatus status;
    g_autofree char *again = NULL;
    gsize length;

    fields_start(&writer, HEADER, size);
    if (!fields_open(&reader, HEADER, text, size, size, &failure))
        return;
    while ((status = fields_next(&reader, &failure)) == FIELDS_FIELD)
        fields_add(&writer, reader.key, reader.value);
    if (status == FIELDS_BAD)
        return;
    again = fields_finish(&writer, &length, &failure);
    FUZZ_REQUIRE(again, failure.text);
    FUZZ_REQUIRE(length == size && memcmp(again, text, size) == 0, again);
}

static void
check_record(const char *text, gsize size)
{
    AUTO_RECORD Record record = {0};
    AUTO_RECORD Record second = {0};
    Failure failure = {.text = ""};
    g_autofree char *once = NULL;
    g_autofree char *twice = NULL;
    g_autofree char *profile = NULL;

    if (!record_parse(text, size, &record, &failure)) {
        FUZZ_REQUIRE(failure.text[0], "a failure without words");
        return;
    }
    profile = label_to_profile(record.label);
    FUZZ_REQUIRE(profile && strcmp(profile, record.profile) == 0, record.label);
    FUZZ_REQUIRE(!record.share || record.share[0] == '/', record.share);
    FUZZ_REQUIRE(!record.binary || record.binary[0] == '/', record.binary);
    once = record_format(&record, NULL, &failure);
    FUZZ_REQUIRE(once, failure.text);
    FUZZ_REQUIRE(record_parse(once, strlen(once), &second, &failure), once);
    twice = record_format(&second, NULL, &failure);
    FUZZ_REQUIRE(twice && strcmp(once, twice) == 0, once);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    /* a copy that ends where its memory ends, so that one byte too many is seen */
    g_autofree char *text = size ? g_memdup2(data, size) : g_malloc(1);

    check_fields(text, size);
    check_record(text, size);
    return 0;
}
