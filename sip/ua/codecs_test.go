package ua

import (
	"slices"
	"testing"

	"hotline/media/codec"
)

func TestPreferring(t *testing.T) {
	all := []codec.Kind{codec.PCMA, codec.PCMU, codec.G722, codec.Opus}
	rows := []struct {
		have  []codec.Kind
		first codec.Kind
		want  []codec.Kind
	}{
		{all, codec.None, all},
		{all, codec.PCMA, all},
		{all, codec.PCMU, []codec.Kind{codec.PCMU, codec.PCMA, codec.G722, codec.Opus}},
		{all, codec.Opus, []codec.Kind{codec.Opus, codec.PCMA, codec.PCMU, codec.G722}},
		{[]codec.Kind{codec.Opus, codec.PCMU, codec.G722, codec.PCMA}, codec.PCMA, []codec.Kind{codec.PCMA, codec.PCMU, codec.Opus, codec.G722}},
		{[]codec.Kind{codec.G722}, codec.Opus, []codec.Kind{codec.G722}},
	}
	for _, row := range rows {
		before := slices.Clone(row.have)
		if got := preferring(row.have, row.first); !slices.Equal(got, row.want) {
			t.Errorf("preferring(%v, %v) = %v, want %v", row.have, row.first, got, row.want)
		}
		if !slices.Equal(row.have, before) {
			t.Errorf("the list itself was changed to %v", row.have)
		}
	}
}
