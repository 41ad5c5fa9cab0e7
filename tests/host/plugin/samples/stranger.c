/* A shared library that is no plugin; loading it at all would end the program. */
#include <stdlib.h>

__attribute__((constructor)) static void never(void) { abort(); }

int stranger(void) { return 1; }
