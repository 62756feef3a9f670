/// The instance's half of ``HostKeyExchange``: POSIX sh, one verb a call, each of them repeatable.
package enum HostKeyScript {
    /// `$1` is the verb, `$2` the key file or nothing: then sshd says where its ed25519 key lies.
    package static let text = #"""
        umask 077
        PATH=$PATH:/usr/sbin:/sbin
        key=$2
        [ -n "$key" ] || key=$(sshd -T 2>/dev/null | sed -n 's/^hostkey //p' | grep ed25519 | head -n 1)
        [ -n "$key" ] || key=/etc/ssh/ssh_host_ed25519_key

        # The sshd that listens is the nearest ancestor of this session that is no session itself.
        listener() {
            pid=$PPID
            while [ "${pid:-1}" -gt 1 ]; do
                line=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
                case $line in
                *sshd*' -i '*) return 1 ;;
                *sshd*listener* | /*sshd' '* | /*sshd) echo "$pid"; return ;;
                esac
                pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
            done
            return 1
        }

        reload() {
            pid=$(listener) && kill -HUP "$pid" && return
            systemctl reload ssh 2>/dev/null || systemctl reload sshd
        }

        case $1 in
        make)
            [ -w "$key" ] || { echo "$key cannot be written" >&2; exit 1; }
            if ! [ -s "$key.next" ] || ! ssh-keygen -y -f "$key.next" >"$key.next.pub"; then
                rm -f "$key.next"
                ssh-keygen -q -t ed25519 -N '' -C '' -f "$key.next" </dev/null || exit 1
            fi
            cat "$key.next.pub"
            ;;
        use)
            cp -p "$key" "$key.last" && chmod 644 "$key.next.pub" && mv -f "$key.next" "$key" &&
                mv -f "$key.next.pub" "$key.pub" && reload
            ;;
        keep) rm -f "$key.last" ;;
        back)
            [ ! -s "$key.last" ] || mv -f "$key.last" "$key"
            ssh-keygen -y -f "$key" >"$key.pub" && chmod 644 "$key.pub"
            rm -f "$key.next" "$key.next.pub"
            reload
            ;;
        esac
        """#
}
