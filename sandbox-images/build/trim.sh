#!/bin/sh
# trim.sh : takes out of the image whatever could install, change a user, mount, or explain how. Runs inside the build,
# last, as root; afterwards every file belongs to root and none lends its owner's rights.
set -eu

echo 'sandbox:x:1000:1000:Sandbox:/home/sandbox:/bin/bash' >>/etc/passwd
echo 'sandbox:x:1000:' >>/etc/group
mkdir -p /home/sandbox

/opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/sandbox /etc/jupyter \
    /opt/venv/lib/python3.11/site-packages/amanat

cd /usr/bin
rm -f apt* dpkg* deb* perl* cpan* corelist instmodsh prove pod* ptar* json_pp enc2xs encguess h2ph h2xs libnetcfg \
    piconv pl2pm shasum splain streamzip xsubpp zipdetails update-alternatives \
    su mount umount chage chfn chsh expiry gpasswd newgrp passwd wall unshare nsenter setpriv setarch runcon chroot \
    prlimit taskset ionice chrt dmesg lsns openssl c_rehash login last* faillog *shell ischroot addpart delpart \
    lsblk losetup wdctl pydoc* py3* pygettext* x86_64 i386 linux32 linux64 uclampset gpgv systemd-*
rm -rf /usr/sbin/* /usr/local/sbin/* /usr/lib/apt /usr/lib/dpkg /usr/lib/ssl/misc \
    /usr/lib/*/perl* /usr/share/perl* /usr/lib/*/gconv \
    /usr/lib/python3*/ensurepip /usr/lib/python3*/lib2to3 /usr/lib/python3*/test \
    /usr/share/python-wheels /usr/share/doc /usr/share/man /usr/share/locale /usr/share/info /usr/share/lintian \
    /usr/share/bash-completion /usr/share/debconf /usr/share/bug /usr/share/common-licenses /usr/share/pixmaps \
    /var/lib/apt /var/lib/dpkg/info /var/cache/* /var/log/* /var/backups /tmp/* /root/.[!.]* \
    /etc/apt /etc/dpkg /etc/cron* /etc/rc*.d /etc/init.d /etc/logrotate.d /etc/systemd /etc/update-motd.d \
    /etc/ssl /etc/ca-certificates* /etc/adduser.conf /etc/deluser.conf /etc/skel /etc/sub?id /etc/sub?id- \
    /etc/default /etc/shadow* /etc/gshadow* /etc/passwd- /etc/group- /etc/security /etc/pam.d /build
find / -xdev -not -type l -perm /022 -not -path /tmp -exec chmod go-w {} +
find / -xdev -perm /6000 -exec chmod a-s {} +
