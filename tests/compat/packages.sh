# dpkg-deb and dpkg: a package built, listed, unpacked, broken in the middle; a reader that leaves.
# sees: dpkg-deb tar
mkdir -p package/DEBIAN package/usr/share/doc; seq 99999 >package/usr/share/doc/numbers
printf 'Package: small\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a small one\n' >package/DEBIAN/control
for compression in none gzip xz; do
  how dpkg-deb --root-owner-group -Z$compression -b package $compression.deb
  how dpkg-deb -c $compression.deb | sed -E 's/20..-..-.. ..:..//; s/ +/ /g'
  how dpkg-deb -x $compression.deb $compression; diff -r $compression/usr package/usr && echo the same
  how dpkg-deb -f $compression.deb Package Version
done
how dpkg-deb --fsys-tarfile gzip.deb 2>&1 | head -c 99 | wc -c
how sh -c 'exec dpkg-deb --fsys-tarfile xz.deb >/dev/full' 2>&1 | sort
how dpkg-deb -c none.deb 2>&1 | head -1 | wc -l
head -c 9999 xz.deb >cut.deb; how dpkg-deb -x cut.deb cut 2>&1 | sort
head -c 99 gzip.deb >cut.deb; how dpkg-deb -I cut.deb 2>&1
how dpkg-deb -I no-such.deb 2>&1; echo x >cut.deb; how dpkg-deb -I cut.deb 2>&1
how dpkg-deb -b package /dev/full 2>&1; sed -i /Version/d package/DEBIAN/control
how dpkg-deb -b package x.deb 2>&1; how dpkg-deb -b no-such x.deb 2>&1
how dpkg --compare-versions 1.0 lt 2.0; how dpkg --compare-versions 2.0 lt 1.0
how dpkg --compare-versions x 2>&1 | head -2; how dpkg --print-architecture
how dpkg-split -s gzip.deb part; ls *.deb
