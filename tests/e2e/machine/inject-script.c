/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The statements: see inject.c. One pass from left to right: values are
 * computed, and memory is laid out, as they are read.
 */
#define _GNU_SOURCE
#include "inject.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 64, MAX_WORD = 64, MAX_STRING = 65536, DEFAULT_BUFFER = 256, MAX_DIGITS = 24 };

/* What a name means: %NAME a value, @NAME a buffer. */
struct variable {
    char name[MAX_WORD];
    bool buffer;
    bool failed; /* what should have given the value did not */
    uint64_t value;
    size_t size;
};

static struct variable variables[MAX_NAMES];
static int n_variables;

/* The statement that is read. */
static struct {
    const char *at;
    const char *wrong;   /* why it cannot be read; NULL while it can */
    const char *missing; /* the variable that has no value, for which the call is not made */
} reading;

static uint64_t expression(void);
static uint64_t named_value(void);

static void
bad(const char *why)
{
    if (!reading.wrong)
        reading.wrong = why;
}

static void
skip_space(void)
{
    while (isspace((unsigned char)*reading.at))
        reading.at++;
}

static bool
take(char c)
{
    skip_space();
    if (*reading.at != c)
        return false;
    reading.at++;
    return true;
}

static void
need(char c)
{
    static char why[] = "expected: ' '";

    if (take(c))
        return;
    if (!reading.wrong)
        why[11] = c;
    bad(why);
}

static bool
word(char *into)
{
    size_t length = 0;

    skip_space();
    while (isalnum((unsigned char)reading.at[length]) || reading.at[length] == '_')
        length++;
    if (length == 0 || length >= MAX_WORD)
        return false;
    memcpy(into, reading.at, length);
    into[length] = '\0';
    reading.at += length;
    return true;
}

static struct variable *
variable(const char *name, bool buffer)
{
    for (int i = 0; i < n_variables; i++)
        if (variables[i].buffer == buffer && strcmp(variables[i].name, name) == 0)
            return &variables[i];
    return NULL;
}

static struct variable *
new_variable(const char *name, bool buffer)
{
    struct variable *found = variable(name, buffer);

    if (!found && n_variables < MAX_NAMES) {
        found = &variables[n_variables++];
        snprintf(found->name, sizeof found->name, "%s", name);
        found->buffer = buffer;
    }
    if (!found)
        bad("too many names");
    return found;
}

bool
script_set(const char *name, uint64_t value)
{
    struct variable *found = new_variable(name, false);

    if (found)
        found->value = value;
    return found != NULL;
}

/* One character of a string: \n, \t, \xHH, or itself. */
static unsigned char
character(void)
{
    char c = *reading.at++;

    if (c != '\\')
        return (unsigned char)c;
    c = *reading.at++;
    if (c == 'n')
        return '\n';
    if (c == 't')
        return '\t';
    if (c == 'x' && isxdigit((unsigned char)reading.at[0]) &&
        isxdigit((unsigned char)reading.at[1])) {
        char digits[3] = {reading.at[0], reading.at[1], '\0'};

        reading.at += 2;
        return (unsigned char)strtoul(digits, NULL, 16);
    }
    if (c == '\0')
        reading.at--;
    return (unsigned char)c;
}

/* %{NAME} in a string: the value in decimal, for a name below /proc. */
static size_t
value_in_string(unsigned char *into)
{
    char digits[MAX_DIGITS];
    int length;

    reading.at += 2;
    length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)named_value());
    need('}');
    memcpy(into, digits, (size_t)length);
    return (size_t)length;
}

/* After the opening quote, which the closing one is like; the length, or 0 and bad(). */
static size_t
string_bytes(unsigned char *into, size_t room)
{
    const char quote = reading.at[-1];
    size_t length = 0;

    while (*reading.at != quote) {
        if (*reading.at == '\0' || length + MAX_DIGITS > room || reading.wrong) {
            bad("a string without end, or too long");
            return 0;
        }
        if (reading.at[0] == '%' && reading.at[1] == '{')
            length += value_in_string(into + length);
        else
            into[length++] = character();
    }
    reading.at++;
    return length;
}

static uint64_t
place(const unsigned char *bytes, size_t size, size_t reserve)
{
    uint64_t address = memory_add(reserve);

    if (!address) {
        bad("no memory left for what the calls point to");
        return 0;
    }
    if (size > 0)
        memcpy(memory_at(address, size), bytes, size);
    return address;
}

static uint64_t
string(void)
{
    static unsigned char bytes[MAX_STRING];
    size_t length = string_bytes(bytes, sizeof bytes);

    return place(bytes, length, length + 1);
}

/* One field of a structure, in the machine's byte order. */
static size_t
field(unsigned char *into, size_t room)
{
    char type[MAX_WORD];
    uint64_t value;
    size_t size;

    if (take('"') || take('\''))
        return string_bytes(into, room);
    if (!word(type)) {
        bad("expected: a field");
        return 0;
    }
    need(':');
    value = expression();
    if (strcmp(type, "zero") == 0) {
        if (value > room) {
            bad("a structure is too long");
            return 0;
        }
        memset(into, 0, value);
        return value;
    }
    size = type[0] == 'u' ? strtoul(type + 1, NULL, 10) / 8 : 0;
    if ((size != 1 && size != 2 && size != 4 && size != 8) || size > room) {
        bad("a field is u8, u16, u32, u64, zero or a string");
        return 0;
    }
    memcpy(into, &value, size);
    return size;
}

static uint64_t
structure(void)
{
    unsigned char bytes[4096];
    size_t length = 0;

    do
        length += field(bytes + length, sizeof bytes - length);
    while (!reading.wrong && take(','));
    need('}');
    return place(bytes, length, length + 1);
}

static uint64_t
buffer(void)
{
    char name[MAX_WORD];
    struct variable *found;
    size_t size = DEFAULT_BUFFER;

    if (!word(name)) {
        bad("expected: a buffer's name");
        return 0;
    }
    found = variable(name, true);
    if (take(':'))
        size = strtoul(reading.at, (char **)&reading.at, 0);
    if (found)
        return found->value;
    found = new_variable(name, true);
    if (!found)
        return 0;
    found->size = size;
    found->value = place(NULL, 0, size);
    return found->value;
}

static uint64_t
named_value(void)
{
    char name[MAX_WORD];
    const struct variable *found;

    if (!word(name) || !(found = variable(name, false))) {
        bad("a % without a known name");
        return 0;
    }
    if (found->failed)
        reading.missing = found->name;
    return found->value;
}

static uint64_t
term(void)
{
    char name[MAX_WORD];
    uint64_t value = 0;

    if (take('"') || take('\''))
        return string();
    if (take('{'))
        return structure();
    if (take('@'))
        return buffer();
    if (take('%'))
        return named_value();
    if (take('-'))
        return -term();
    if (isdigit((unsigned char)*reading.at))
        return strtoull(reading.at, (char **)&reading.at, 0);
    if (!word(name) || !constant_value(name, &value))
        bad("neither a value nor a known constant");
    return value;
}

static uint64_t
expression(void)
{
    uint64_t value = term();

    while (!reading.wrong && take('|'))
        value |= term();
    return value;
}

/* The arguments up to the closing parenthesis. */
static int
arguments(uint64_t *into)
{
    int count = 0;

    if (take(')'))
        return 0;
    do {
        uint64_t value = expression();

        if (count == MAX_ARGUMENTS)
            bad("too many arguments");
        else
            into[count++] = value;
    } while (!reading.wrong && take(','));
    need(')');
    return count;
}

/* print(@BUFFER, SIZE): what is there, on one line. */
static void
print_memory(const uint64_t *argument)
{
    const unsigned char *bytes = memory_at(argument[0], argument[1]);

    printf("print: ");
    for (size_t i = 0; bytes && i < argument[1]; i++)
        printf(bytes[i] >= 0x20 && bytes[i] < 0x7f ? "%c" : "\\x%02x", bytes[i]);
    printf("%s\n", bytes ? "" : "not within a buffer");
}

/* load(@BUFFER, OFFSET, SIZE): a number from memory. */
static bool
load(const uint64_t *argument, uint64_t *value)
{
    const unsigned char *bytes = memory_at(argument[0] + argument[1], argument[2]);

    *value = 0;
    if (!bytes || argument[2] > sizeof *value)
        return false;
    memcpy(value, bytes, argument[2]);
    return true;
}

/* "NAME = VALUE", "NAME = ERRNO", and how it came to that. */
static int
tell(const char *name, enum ending ending, long result)
{
    const char *error = result < 0 && result > -4096 ? error_name((int)-result) : NULL;

    switch (ending) {
    case CALL_RETURNED:
        if (result >= 0 || result <= -4096)
            printf("%s = %ld\n", name, result);
        else if (error)
            printf("%s = %s\n", name, error);
        else
            printf("%s = errno %ld\n", name, -result);
        return result < 0 && result > -4096 ? STATUS_REFUSED : STATUS_DONE;
    case CALL_BLOCKED:
        printf("%s = waits\n", name);
        return STATUS_DONE;
    case CALL_REFUSED:
        printf("%s = %s (filter)\n", name, error ? error : "0");
        return STATUS_REFUSED;
    case CALL_FATAL:
        printf("%s = killed (filter)\n", name);
        return STATUS_REFUSED;
    case CALL_EXECED:
        printf("%s = another program\n", name);
        return STATUS_END;
    case CALL_DIED:
        printf("%s = the thread is gone\n", name);
        break;
    }
    return STATUS_BROKEN;
}

static int
call(const char *name, const char *into, const uint64_t *argument)
{
    struct variable *variable = *into ? new_variable(into, false) : NULL;
    struct call call = {0};
    enum ending ending;
    long result = 0;
    int status;

    memcpy(call.argument, argument, sizeof call.argument);
    /* syscall(2): by number */
    if (strcmp(name, "syscall") == 0) {
        call.number = (long)argument[0];
        memmove(call.argument, argument + 1, sizeof call.argument - sizeof *argument);
    } else if (!call_number(name, &call.number)) {
        bad("no such call");
        return STATUS_BROKEN;
    }
    if (reading.missing) {
        printf("%s = not made: no %%%s\n", name, reading.missing);
        status = STATUS_REFUSED;
    } else {
        if (!memory_push()) {
            bad("the thread's memory cannot be written");
            return STATUS_BROKEN;
        }
        ending = thread_call(&call, &result);
        status = tell(name, ending, result);
        if (status >= STATUS_BROKEN)
            return status;
        (void)memory_pull();
    }
    if (variable) {
        variable->value = (uint64_t)result;
        variable->failed = status != STATUS_DONE;
    }
    return status;
}

/* After the name of what is called and the opening parenthesis. */
static int
invoke(const char *name, const char *into)
{
    uint64_t argument[MAX_ARGUMENTS] = {0}, value = 0;
    int count = arguments(argument);

    skip_space();
    if (*reading.at)
        bad("more than a statement");
    if (reading.wrong)
        return STATUS_BROKEN;
    if (strcmp(name, "print") == 0 && count == 2) {
        if (!reading.missing)
            print_memory(argument);
        return STATUS_DONE;
    }
    if (strcmp(name, "load") == 0 && count == 3) {
        if (!reading.missing && !load(argument, &value))
            bad("not within a buffer");
        return script_set(into, value) && !reading.wrong ? STATUS_DONE : STATUS_BROKEN;
    }
    return call(name, into, argument);
}

/* NAME = VALUE: a number, or the address of what it points to. */
static int
assign(const char *into)
{
    uint64_t value = expression();

    skip_space();
    if (*reading.at)
        bad("more than a statement");
    return !reading.wrong && script_set(into, value) ? STATUS_DONE : STATUS_BROKEN;
}

int
script_run(const char *statement)
{
    char name[MAX_WORD] = "", into[MAX_WORD] = "";
    const char *after;
    int status = STATUS_BROKEN;

    reading.at = statement;
    reading.wrong = reading.missing = NULL;
    if (!word(name))
        bad("expected: a name");
    if (take('=')) {
        memcpy(into, name, sizeof into);
        after = reading.at;
        if (!word(name) || !take('(')) {
            reading.at = after;
            status = assign(into);
        } else {
            status = invoke(name, into);
        }
    } else {
        need('(');
        if (!reading.wrong)
            status = invoke(name, into);
    }
    if (reading.wrong)
        fprintf(stderr, "inject: %s: %s, at: %s\n", statement, reading.wrong, reading.at);
    return reading.wrong ? STATUS_BROKEN : status;
}
