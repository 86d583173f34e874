# SPDX-License-Identifier: ISC
# cpack: a Debian package. /etc/bgpd.conf is the administrator's: none is
# installed, the examples are in share/doc.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bgpd)
set(CPACK_PACKAGE_CONTACT "bgpd developers <bgpd@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
	"BGP daemon that programs steer, in sandboxed processes")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The same programs in /usr/sbin.
set(CPACK_DEBIAN_PACKAGE_CONFLICTS "openbgpd, exabgp")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
	${CMAKE_SOURCE_DIR}/etc/debian/postinst
	${CMAKE_SOURCE_DIR}/etc/debian/prerm
	${CMAKE_SOURCE_DIR}/etc/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
