// Package superbatch is a client of the Superbatch optimizer.
//
// A study is asked for trials; a trial's lease is kept in the background until it ends:
//
//	client, err := superbatch.Dial("127.0.0.1:7601")
//	study, err := client.Study(ctx, "first")
//	err = study.Run(ctx, func(ctx context.Context, trial *superbatch.Trial) (superbatch.Result, error) {
//		value := train(ctx, trial.Float("learning_rate"))
//		return superbatch.Result{Value: value}, nil
//	})
//
// Messages are the contract's own (gen/superbatch/optimizer/v1), made by `go generate`. What a service refuses is an [Error].
package superbatch

//go:generate ../../node_modules/.bin/buf generate ../../proto --template buf.gen.yaml
