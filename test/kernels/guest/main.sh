# shellcheck shell=bash
# The guest's first process after the disk is found: mounts what a system has, runs one test, powers off.
export PATH=/usr/lib/postgresql/15/bin:/usr/bin:/usr/sbin:/bin:/sbin LC_ALL=C PAGER=cat
export LD_LIBRARY_PATH=/test/lib
cd /test || exit 1

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
mkdir -p /dev/shm /dev/pts
ln -s /proc/self/fd /dev/fd
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
chmod 1777 /dev/shm /tmp
echo 1 >/proc/sys/kernel/printk

# The findings' own serial port: what kernel and programs print does not get between them.
exec 3>/dev/ttyS1
# shellcheck source=test/kernels/guest/findings.sh
. ./findings.sh
test=$(sed -nE 's/.*\btest=([a-z]+).*/\1/p' /proc/cmdline)
# shellcheck source=/dev/null
(. "./$test.sh") && echo finished >&3
sync
echo o >/proc/sysrq-trigger
sleep 60
