package superbatch

import (
	common "github.com/superbatch/superbatch/clients/go/gen/superbatch/common/v1"
)

// Trait is what a parameter may be besides its domain.
type Trait func(*common.Parameter)

// Log spaces a number so that equal ratios matter equally.
func Log() Trait {
	return func(p *common.Parameter) {
		switch domain := p.Domain.(type) {
		case *common.Parameter_Float:
			domain.Float.Scale = common.Scale_SCALE_LOG
		case *common.Parameter_Integer:
			domain.Integer.Scale = common.Scale_SCALE_LOG
		case *common.Parameter_Discrete:
			domain.Discrete.Scale = common.Scale_SCALE_LOG
		}
	}
}

// FidelityOf makes a number a fidelity: it trades quality for cost, and target is the value at which quality counts.
func FidelityOf(target float64) Trait {
	return func(p *common.Parameter) { p.Fidelity = &common.Fidelity{Target: &target} }
}

// When makes a parameter active only where another one has one of the values.
func When(parent string, values ...any) Trait {
	return func(p *common.Parameter) {
		p.Condition = &common.Condition{Parent: parent}
		for _, value := range values {
			p.Condition.Values = append(p.Condition.Values, ValueOf(value))
		}
	}
}

// Space is a search space of these parameters. What is wrong with it is told by CreateStudy, all at once.
func Space(parameters ...*common.Parameter) *common.SearchSpace {
	return &common.SearchSpace{Parameters: parameters}
}

// Float is a real number between bounds, inclusive.
func Float(name string, low, high float64, traits ...Trait) *common.Parameter {
	return parameter(name, traits, &common.Parameter{Domain: &common.Parameter_Float{Float: &common.FloatDomain{Min: low, Max: high}}})
}

// Integer is a whole number between bounds, inclusive.
func Integer(name string, low, high int64, traits ...Trait) *common.Parameter {
	return parameter(name, traits, &common.Parameter{Domain: &common.Parameter_Integer{Integer: &common.IntegerDomain{Min: low, Max: high}}})
}

// Discrete is one of several ascending numbers.
func Discrete(name string, values []float64, traits ...Trait) *common.Parameter {
	return parameter(name, traits, &common.Parameter{Domain: &common.Parameter_Discrete{Discrete: &common.DiscreteDomain{Values: values}}})
}

// Categorical is one of several unordered names.
func Categorical(name string, categories []string, traits ...Trait) *common.Parameter {
	return parameter(name, traits, &common.Parameter{Domain: &common.Parameter_Categorical{Categorical: &common.CategoricalDomain{Categories: categories}}})
}

// Boolean is true or false.
func Boolean(name string, traits ...Trait) *common.Parameter {
	return parameter(name, traits, &common.Parameter{Domain: &common.Parameter_Boolean{Boolean: &common.BooleanDomain{}}})
}

// Fixed is the same value in every trial.
func Fixed(name string, value any, traits ...Trait) *common.Parameter {
	return parameter(name, traits, &common.Parameter{Domain: &common.Parameter_Fixed{Fixed: ValueOf(value)}})
}

// ValueOf is a parameter's value for the wire: a number, a string or a bool; nil for all else, which the service refuses.
func ValueOf(value any) *common.Value {
	switch value := value.(type) {
	case bool:
		return &common.Value{Kind: &common.Value_Flag{Flag: value}}
	case string:
		return &common.Value{Kind: &common.Value_Text{Text: value}}
	case float64:
		return number(value)
	case float32:
		return number(float64(value))
	case int:
		return number(float64(value))
	case int64:
		return number(float64(value))
	}
	return nil
}

func number(value float64) *common.Value {
	return &common.Value{Kind: &common.Value_Number{Number: value}}
}

func parameter(name string, traits []Trait, p *common.Parameter) *common.Parameter {
	p.Name = name
	for _, trait := range traits {
		trait(p)
	}
	return p
}
