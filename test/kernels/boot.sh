# shellcheck shell=bash disable=SC2154 # the settings are run.sh's
# Boots a kernel in software emulation, with the test in its initrd. Sourced by run.sh.

# boot NAME KERNEL DISK TEST starts guest/TEST.sh in the background, until the guest powers itself off or its time is over; the
# process is $!, of `timeout`, which passes on what kills it. What the guest says for people goes to $results/NAME.console, its
# findings to $results/NAME.findings.
boot() {
    local name=$1 kernel=$2 disk=$3 test=$4
    boot_initrd "$kernel/modules" "$results/$name.root" >"$results/$name.initrd"
    local options=(-M q35 -cpu max -accel "tcg,thread=multi,tb-size=256" -smp 2 -m 1024 -display none -no-reboot -nic none)
    options+=(-serial "file:$results/$name.console" -serial "file:$results/$name.findings")
    # The disk's file stays as it is: what the guest writes goes to a temporary file.
    options+=(-drive "file=$disk,if=virtio,format=raw,snapshot=on")
    options+=(-kernel "$kernel/vmlinuz" -initrd "$results/$name.initrd" -append "console=ttyS0 quiet panic=-1 test=$test")
    timeout --foreground --kill-after=10 "$boot_limit" qemu-system-x86_64 "${options[@]}" >"$results/$name.qemu" 2>&1 9>&- &
}

# boot_initrd MODULES WORK prints an initrd with busybox, these modules, guest/init, and in /test the tracer and the test's scripts.
boot_initrd() {
    local work=$2 library
    rm -rf "$work"
    mkdir -p "$work"/{bin,dev,disk,test/lib}
    cp "$(command -v busybox)" "$work/bin/busybox"
    cp -r "$1" "$work/modules"
    cp -r "$here"/guest/. "$work/test/"
    mv "$work/test/init" "$work/init"
    cp "$tracer" "$work/test/pgscope-tracer"
    # libbpf and whatever else is newer than the guest's own; glibc is the guest's.
    while read -r library; do
        cp -L "$library" "$work/test/lib/"
    done < <(ldd "$tracer" | sed -nE 's/.* => (\/[^ ]+) .*/\1/p' | grep -vE '/(libc|libm|libpthread|libdl|librt)\.so')
    (cd "$work" && find . | cpio -o -H newc -R 0:0 --quiet)
    rm -rf "$work"
}
