/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "qemu/words.h"

gboolean
qemu_words_next(const char *const *words, guint n, guint *at, QemuTakes takes, QemuWord *word)
{
    gboolean more;
    const char *option;
    int taken;

    if (*at >= n)
        return FALSE;
    *word = (QemuWord){.at = *at, .option = ""};
    option = words[(*at)++];
    if (*option != '-') {
        word->argument = option;
        return TRUE;
    }
    /* QEMU takes one dash or two */
    option += option[1] == '-' ? 2 : 1;
    word->option = option;
    word->kind = QEMU_WORD_ALONE;
    taken = takes(option);
    more = *at < n && (taken > 0 || *words[*at] != '-');
    if (taken == 0)
        return TRUE;
    if (more) {
        word->kind = QEMU_WORD_OPTION;
        word->argument = words[(*at)++];
    } else if (taken > 0) {
        word->kind = QEMU_WORD_MISSING;
    }
    return TRUE;
}
