#!/bin/sh
# Makes the prompt set from prompts.yml: {zh,en}/*.wav and any/*.wav, 8 kHz mono 16 bit. Needs espeak-ng and sox.
# The same input gives the same bytes (sox -R: fixed dither). With names as arguments only those are made again.
set -eu
cd "$(dirname "$0")"
mkdir -p zh en any
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# level FILE prints the gain in dB that brings the RMS level to -18 dBFS, allowing for what the limiter takes.
level() {
	sox "$1" -n stats 2>&1 | awk '/^RMS lev dB/ { printf "%.2f", -16.3 - $4 }'
}

# finish IN OUT: trim silence at both ends, level, keep peaks below full scale, short fades against clicks.
finish() {
	sox -R -D "$1" -r 8000 -b 16 -c 1 "$work/trimmed.wav" gain -6 highpass 100 rate -v 8000 \
		silence 1 0.01 0.3% reverse silence 1 0.01 0.3% reverse pad 0.02 0.06
	gain=$(level "$work/trimmed.wav")
	sox -R "$work/trimmed.wav" -r 8000 -b 16 -c 1 "$2" gain -l "$gain" fade q 0.01 0 0.02
}

speak() { # NAME LANGUAGE TEXT
	case $2 in
	zh) espeak-ng -v cmn -s 230 -w "$work/spoken.wav" "$3" ;;
	*) espeak-ng -v en-gb -s 175 -w "$work/spoken.wav" "$3" ;;
	esac
	finish "$work/spoken.wav" "$2/$1.wav"
}

wanted=" $* "
sed -n 's/^  \([a-z0-9-]*\): {zh: "\(.*\)", en: "\(.*\)"}$/\1|\2|\3/p' prompts.yml | while IFS='|' read -r name zh en; do
	case $wanted in "  " | *" $name "*) ;; *) continue ;; esac
	speak "$name" zh "$zh"
	speak "$name" en "$en"
done

out() { # NAME, sox arguments that make it
	sound=$1
	shift
	sox -R -r 8000 -c 1 -b 16 -n "any/$sound.wav" "$@"
}

out beep synth 0.4 sine 1000 fade q 0.01 0.4 0.01 gain -15
out ringback synth 1 sine 450 fade q 0.005 1 0.005 pad 0 4 gain -15
out busy synth 0.35 sine 450 fade q 0.005 0.35 0.005 pad 0 0.35 gain -15 repeat 5

two() { # NAME, two tones in Hz, one after the other
	sox -R -r 8000 -c 1 -b 16 -n "$work/first.wav" synth 0.12 sine "$2" fade q 0.005 0.12 0.01 gain -15
	sox -R -r 8000 -c 1 -b 16 -n "$work/second.wav" synth 0.16 sine "$3" fade q 0.005 0.16 0.02 gain -15
	sox -R "$work/first.wav" "$work/second.wav" "any/$1.wav"
}
two joined 660 990
two left 990 660

# The hold music: eight bars of four seconds. Each bar is a chord of soft plucked strings over a pad, C Am F G twice.
bar() { # FILE ROOT THIRD FIFTH OCTAVE (Hz)
	sox -R -r 8000 -c 1 -b 16 -n "$work/pad.wav" synth 4 sine "$2" sine "$3" sine "$4" remix - fade q 0.6 4 0.6 gain -6
	i=0
	for f in "$2" "$4" "$5" "$3" "$5" "$4" "$3" "$4"; do
		sox -R -r 8000 -c 1 -b 16 -n "$work/note$i.wav" synth 0.5 triangle "$f" fade l 0.01 0.5 0.45 gain -8
		i=$((i + 1))
	done
	sox -R "$work"/note[0-7].wav "$work/melody.wav"
	sox -R -m -v 0.5 "$work/pad.wav" -v 0.6 "$work/melody.wav" "$1"
}
bar "$work/1.wav" 261.63 329.63 392.00 523.25
bar "$work/2.wav" 220.00 261.63 329.63 440.00
bar "$work/3.wav" 174.61 220.00 261.63 349.23
bar "$work/4.wav" 196.00 246.94 293.66 392.00
bar "$work/6.wav" 220.00 329.63 261.63 523.25
bar "$work/7.wav" 174.61 261.63 349.23 440.00
bar "$work/8.wav" 196.00 293.66 392.00 493.88
sox -R "$work/1.wav" "$work/2.wav" "$work/3.wav" "$work/4.wav" "$work/1.wav" "$work/6.wav" "$work/7.wav" "$work/8.wav" "$work/music.wav" \
	lowpass 2500
sox -R "$work/music.wav" -b 16 any/hold-music.wav gain -l "$(awk -v g="$(level "$work/music.wav")" 'BEGIN { print g - 7 }')"
