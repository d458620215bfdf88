#ifndef FERRY_FILTER_H
#define FERRY_FILTER_H

/// Installs the system call filter for every thread of this process; 0 or an errno.
int ferry_filter_install(void);

#endif
