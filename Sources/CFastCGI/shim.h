// The multi-threaded interface of libfcgi: one FCGX_Request for each thread.
#include <fcgiapp.h>
// mallopt: Glibc's module does not have it.
#include <malloc.h>
// epoll_wait and eventfd: nor these.
#include <sys/epoll.h>
#include <sys/eventfd.h>
