/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/extra.h"

#include <string.h>

#include "basic/message.h"

static int
count_of(char *const options[])
{
    int count = 0;

    while (options && options[count])
        count++;
    return count;
}

static const char *
todo_correct(void)
{
    return _("correct \"options\" in the configuration file of virt-aa-virtiofs");
}

/* @text, of @length bytes: the option, or the part of "-o", as it was written. */
static bool
check_kind(OptionKind kind, const char *text, int length, Failure *failure)
{
    switch (kind) {
    case OPTION_UNKNOWN:
    case OPTION_END:
        return failure_set(failure, todo_correct(), _("virtiofsd has no option '%.*s'"), length,
                           text);
    case OPTION_QUERY:
    case OPTION_FD:
    case OPTION_SOCKET:
    case OPTION_SHARE:
    case OPTION_SANDBOX:
    case OPTION_IDMAP:
    case OPTION_RESERVED:
        return failure_set(failure, todo_correct(),
                           _("option '%.*s' cannot be set: libvirt and the launcher decide it"),
                           length, text);
    case OPTION_IMPOSSIBLE:
        return failure_set(failure, todo_correct(),
                           _("option '%.*s' cannot be set: it does not work under a profile"),
                           length, text);
    case OPTION_PLAIN:
    case OPTION_READONLY:
    case OPTION_FILE_HANDLES:
    case OPTION_XATTR:
    case OPTION_DESCRIPTORS:
    case OPTION_MODCAPS:
    case OPTION_COMPAT:
        return true;
    }
    return false;
}

static bool
check_modcaps(const char *list, size_t length, Failure *failure)
{
    if (capability_check(list, length, failure))
        return true;
    failure->todo = todo_correct();
    return false;
}

static bool
check_part(const OptionPart *part, Failure *failure)
{
    int length = (int)part->length;

    /* The C daemon drops a backslash and takes what follows it as it is, so that "sou\rce" is another
     * spelling of "source", and a comma after one ends nothing. The Rust daemon knows neither. */
    if (memchr(part->text, '\\', part->length))
        return failure_set(failure, todo_correct(),
                           _("'%.*s' has a backslash, which -o cannot have"), length, part->text);
    if (length == 0)
        return failure_set(failure, todo_correct(), _("one of the options after -o is empty"));
    if (part->kind == OPTION_UNKNOWN)
        return failure_set(failure, todo_correct(), _("virtiofsd has no option '-o %.*s'"), length,
                           part->text);
    if (!check_kind(part->kind, part->text, length, failure))
        return false;
    if (part->takes == OPTION_VALUE_EQUALS && part->value_length == 0)
        return failure_set(failure, todo_correct(), _("option '-o %.*s' has no value"), length,
                           part->text);
    if (part->takes == OPTION_VALUE_NONE && part->value)
        return failure_set(failure, todo_correct(), _("option '-o %.*s' takes no value"), length,
                           part->text);
    return part->kind != OPTION_MODCAPS || check_modcaps(part->value, part->value_length, failure);
}

static bool
check_compat(const char *list, Failure *failure)
{
    OptionPart part;

    while (option_next_part(&list, false, &part))
        if (!check_part(&part, failure))
            return false;
    return true;
}

static bool
check_value(const Occurrence *found, Failure *failure)
{
    bool needs = found->takes == OPTION_VALUE_ANY || found->takes == OPTION_VALUE_EQUALS;

    if (!found->value || !*found->value) {
        if (!needs && !found->value)
            return true;
        return failure_set(failure, todo_correct(), _("option %s has no value"), found->name);
    }
    if (found->takes == OPTION_VALUE_NONE)
        return failure_set(failure, todo_correct(), _("option %s takes no value"), found->name);
    /* clap takes it for the next option; and the C daemon reads "-o --fd=3" as "--fd=3" */
    if (found->used == 2 && found->value[0] == '-')
        return failure_set(failure, todo_correct(),
                           _("option %s has no value; one that begins with '-' is written "
                             "%s=VALUE"),
                           found->name, found->name);
    return true;
}

static bool
check_option(const Occurrence *found, const char *text, Failure *failure)
{
    if (text[0] != '-')
        return failure_set(failure, todo_correct(),
                           _("'%s' is not an option of virtiofsd; they begin with '-'"), text);
    if (!check_kind(found->kind, text, (int)strlen(text), failure) || !check_value(found, failure))
        return false;
    if (found->kind == OPTION_MODCAPS)
        return check_modcaps(found->value, strlen(found->value), failure);
    return found->kind != OPTION_COMPAT || check_compat(found->value, failure);
}

bool
extra_check(char *const options[], Failure *failure)
{
    int count = count_of(options);

    for (int at = 0; at < count;) {
        Occurrence found = option_read(count, options, at);

        if (!check_option(&found, options[at], failure))
            return false;
        at += found.used;
    }
    return true;
}

bool
extra_have(char *const options[], OptionKind kind)
{
    int count = count_of(options);

    for (int at = 0; at < count;) {
        Occurrence found = option_read(count, options, at);
        const char *list = found.kind == OPTION_COMPAT ? found.value : NULL;
        OptionPart part;

        if (found.kind == kind)
            return true;
        while (option_next_part(&list, false, &part))
            if (part.kind == kind)
                return true;
        at += found.used;
    }
    return false;
}

Capabilities
extra_capabilities(char *const options[], Capabilities capabilities)
{
    int count = count_of(options);
    const char *changes = NULL;
    size_t length = 0;
    bool from_compat = false;

    for (int at = 0; at < count;) {
        Occurrence found = option_read(count, options, at);
        const char *list = found.kind == OPTION_COMPAT ? found.value : NULL;
        OptionPart part;

        if (found.kind == OPTION_MODCAPS && found.value && !from_compat) {
            changes = found.value;
            length = strlen(changes);
        }
        while (option_next_part(&list, false, &part)) {
            if (part.kind != OPTION_MODCAPS || !part.value)
                continue;
            changes = part.value;
            length = part.value_length;
            from_compat = true;
        }
        at += found.used;
    }
    return changes ? capability_apply(changes, length, capabilities) : capabilities;
}
