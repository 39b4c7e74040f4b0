/*
 * What Debian's libstdc++ and libgcc_s want of glibc and musl does not have: enough to run a program that was linked for
 * Alpine. For tests only, see musl.sh.
 */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;
int __cpu_model[4];
int __cpu_indicator_init(void) { return 0; }

unsigned arc4random(void) {
  unsigned value = 0;
  getrandom(&value, sizeof value, 0);
  return value;
}

size_t __strftime_l(char *to, size_t size, const char *format, const struct tm *time, void *locale) {
  (void)locale;
  return strftime(to, size, format, time);
}

struct at_exit {
  void (*call)(void *);
  void *object;
  struct at_exit *next;
};
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void leave(void *first) {
  for (struct at_exit *entry = first, *next; entry; entry = next) {
    next = entry->next;
    entry->call(entry->object);
    free(entry);
  }
}
static void make(void) { pthread_key_create(&key, leave); }

int __cxa_thread_atexit_impl(void (*call)(void *), void *object, void *library) {
  (void)library;
  struct at_exit *entry = malloc(sizeof *entry);
  if (!entry) return -1;
  pthread_once(&once, make);
  *entry = (struct at_exit){call, object, pthread_getspecific(key)};
  return pthread_setspecific(key, entry);
}

struct search {
  uintptr_t address;
  struct dl_find_object *found;
};

static int look(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct search *search = data;
  void *eh_frame = NULL;
  int here = 0;
  for (int index = 0; index < info->dlpi_phnum; index++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[index];
    uintptr_t start = info->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_GNU_EH_FRAME) eh_frame = (void *)start;
    if (header->p_type != PT_LOAD || search->address - start >= header->p_memsz) continue;
    here = 1;
    search->found->dlfo_map_start = (void *)start;
    search->found->dlfo_map_end = (void *)(start + header->p_memsz);
  }
  if (!here || !eh_frame) return 0;
  search->found->dlfo_eh_frame = eh_frame;
  return 1;
}

int _dl_find_object(void *address, struct dl_find_object *found) {
  struct search search = {(uintptr_t)address, found};
  *found = (struct dl_find_object){0};
  return dl_iterate_phdr(look, &search) ? 0 : -1;
}
